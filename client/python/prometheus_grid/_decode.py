"""Answers from JSON to the dataclasses of :mod:`prometheus_grid.messages`, by their annotations."""

from __future__ import annotations

import dataclasses
import re
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Callable, Hashable, Mapping, Tuple, Type, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np

from .errors import GridFault
from .rows import Rows

T = TypeVar("T")
_FRACTION = re.compile(r"\.(\d{1,6})\d*")


def decode(cls: Type[T], members: Mapping[str, Any]) -> T:
    """An object of ``cls``. Members that it does not have are passed over, so that a newer server can say more.

    Raises:
        GridFault: A member that has no default is missing.
    """
    fields, required = _plan(cast(Hashable, cls))
    missing = [name for name in required if name not in members]
    if missing:
        raise GridFault(f"the answer has no {', '.join(missing)}; server and client are of versions that do not fit")
    return cls(**{name: convert(members[name]) for name, convert in fields if members.get(name) is not None})


@lru_cache(maxsize=None)
def _plan(cls: Any) -> Tuple[Tuple[Tuple[str, Callable[[Any], Any]], ...], Tuple[str, ...]]:
    hints = get_type_hints(cls)
    fields = tuple((field.name, _converter(hints[field.name])) for field in dataclasses.fields(cls))
    required = tuple(f.name for f in dataclasses.fields(cls) if f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING)
    return fields, required


def _converter(hint: Any) -> Callable[[Any], Any]:
    origin, args = get_origin(hint), get_args(hint)
    if origin is Union:  # Only of one type and None.
        return _converter(next(arg for arg in args if arg is not type(None)))
    if origin is np.ndarray:
        dtype = np.dtype(get_args(args[-1])[0])
        dtype = np.dtype("datetime64[D]") if dtype.kind == "M" else dtype
        return lambda values: np.array(values, dtype=dtype)
    if origin is Rows:
        return lambda items: Rows(args[0], (decode(args[0], item) for item in items))
    if origin is tuple:
        inner = _converter(args[0])
        return lambda items: tuple(inner(item) for item in items)
    if dataclasses.is_dataclass(hint):
        return lambda members: decode(hint, members)
    return {date: date.fromisoformat, datetime: _time}.get(hint, _as_is)


def _as_is(value: Any) -> Any:
    return value


def _time(text: str) -> datetime:
    # Python knows six digits of a second, before 3.11 no Z either.
    return datetime.fromisoformat(_FRACTION.sub(lambda digits: "." + digits[1].ljust(6, "0"), text).replace("Z", "+00:00"))
