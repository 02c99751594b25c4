"""Answers that are tables: sequences of rows which pandas and Arrow can take over."""

from __future__ import annotations

import dataclasses
from datetime import date
from typing import TYPE_CHECKING, Any, Dict, Iterable, Iterator, List, Sequence, Type, TypeVar, Union, get_type_hints, overload

if TYPE_CHECKING:
    import pandas
    import pyarrow

T = TypeVar("T")


class Rows(Sequence[T]):
    """Rows of one kind, in the order of the answer; a sequence that does not change."""

    def __init__(self, kind: Type[T], rows: Iterable[T]) -> None:
        self.kind = kind
        self._rows = tuple(rows)

    @overload
    def __getitem__(self, index: int) -> T: ...

    @overload
    def __getitem__(self, index: slice) -> Rows[T]: ...

    def __getitem__(self, index: Union[int, slice]) -> Union[T, Rows[T]]:
        return Rows(self.kind, self._rows[index]) if isinstance(index, slice) else self._rows[index]

    def __len__(self) -> int:
        return len(self._rows)

    def __iter__(self) -> Iterator[T]:
        return iter(self._rows)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Rows) and self._rows == other._rows

    def __hash__(self) -> int:
        return hash(self._rows)

    def __repr__(self) -> str:
        return f"<{len(self)} x {self.kind.__name__}>"

    def columns(self) -> Dict[str, List[Any]]:
        """The rows as columns of equal length, by name. Rows within rows become columns ``part_column`` where rows say so (``Hit``)."""
        cells = [_cells(row) for row in self._rows]
        names = dict.fromkeys(name for row in cells for name in row) or (field.name for field in dataclasses.fields(self.kind))
        return {name: [row.get(name) for row in cells] for name in names}

    def to_pandas(self) -> pandas.DataFrame:
        """A DataFrame, a row each; dates as datetime64. Needs pandas."""
        import pandas as pd

        dates = {name for name, hint in get_type_hints(self.kind).items() if hint is date}
        return pd.DataFrame({name: pd.to_datetime(pd.Series(values, dtype=object)) if name in dates else values for name, values in self.columns().items()})

    def to_arrow(self) -> pyarrow.Table:
        """An Arrow table, a row each; dates as date32. Needs pyarrow."""
        import pyarrow as pa

        return pa.table({name: pa.array([_plain(value) for value in values]) for name, values in self.columns().items()})


def _cells(row: Any) -> Dict[str, Any]:
    own = getattr(row, "_cells", None)
    cells: Dict[str, Any] = own() if own is not None else {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    return cells


def _plain(value: Any) -> Any:
    """What Arrow knows how to take."""
    if dataclasses.is_dataclass(value):
        return _plain(_cells(value))
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, (tuple, Rows)) else value
