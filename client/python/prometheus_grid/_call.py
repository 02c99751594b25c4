"""One request, before it is sent: its address, and its parameters as the API writes them."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Dict, Mapping, Optional, Union
from urllib.parse import quote, urlencode

import numpy as np

from .errors import BadInput

Day = Union[str, date, datetime, np.datetime64]
"""A date as ``yyyy-MM-dd``, a date, or a day of pandas or numpy."""

Time = Union[str, datetime]
"""A time of RFC 3339, or a datetime that knows its offset."""

_PLACE = re.compile(r"\{(\w+)\}")


def day_text(value: Optional[Day]) -> Optional[str]:
    """A date as the API writes it; texts stay as they are, for the server to judge."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, np.datetime64):
        return str(np.datetime_as_string(value, unit="D"))
    return (value.date() if isinstance(value, datetime) else value).isoformat()


def time_text(name: str, value: Optional[Time]) -> Optional[str]:
    """A time as the API writes it."""
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise BadInput.of(name, value.isoformat(), "a time with its offset, for example 2023-11-30T18:00:00Z")
        return value.isoformat()
    return value


def weights_text(weights: Optional[Mapping[str, float]]) -> Optional[str]:
    """Weights as an address has them."""
    return None if weights is None else ",".join(f"{branch}={float(weight)!r}" for branch, weight in weights.items())


@dataclass(frozen=True)
class Call:
    """A request of the API. Any may be sent twice to the effect of once, which is what lets a lost answer be asked for again.

    Attributes:
        method: For example ``GET``.
        address: Path with places, for example ``/v1/spaces/{model_id}/dates``.
        parameters: Those that the address names go into it, the others into the query; None is left out.
        body: Is sent as JSON.
        is_study: Whether it works on a whole date or several, and is given longer.
        name: By which the server knows it again, where the address does not say what it makes; a UUID.
        known_tag: The version of the answer that the caller has; the server says 304 where it is still the same.
    """

    method: str
    address: str
    parameters: Mapping[str, Any] = field(default_factory=dict)
    body: Optional[Mapping[str, Any]] = None
    is_study: bool = False
    name: Optional[str] = None
    known_tag: Optional[str] = None

    @property
    def target(self) -> str:
        """Path and query."""
        places = set(_PLACE.findall(self.address))
        path = _PLACE.sub(lambda place: quote(_segment(place[1], self.parameters[place[1]]), safe=""), self.address)
        query = {name: _text(value) for name, value in self.parameters.items() if name not in places and value is not None}
        return f"{path}?{urlencode(query)}" if query else path

    @property
    def content(self) -> Optional[bytes]:
        """The body."""
        return None if self.body is None else json.dumps(self.body, allow_nan=False, separators=(",", ":")).encode()

    def value_of(self, name: str) -> Any:
        """What was sent as the field that an error names, for example ``top_k`` or ``searches[2].as_of_date``."""
        steps = re.findall(r"\w+", name)
        if not steps:
            return None
        value: Any = {**self.parameters, **(self.body or {})}
        for step in steps:
            if isinstance(value, list) and step.isdecimal() and int(step) < len(value):
                value = value[int(step)]
            elif isinstance(value, Mapping) and step in value:
                value = value[step]
            else:
                return _find(steps[-1], self.body) if len(steps) == 1 else None
        return value


def _segment(name: str, value: Any) -> str:
    text = "" if value is None else _text(value)
    # Servers and proxies take dots for steps between folders, and an empty segment for none.
    if text in ("", ".", ".."):
        raise BadInput.of(name, value, "a name that can stand in an address")
    return text


def _text(value: Any) -> str:
    return ("false", "true")[value] if isinstance(value, bool) else str(value)


def _find(name: str, within: Any) -> Any:
    """The first member of this name in a body, at any depth; None where there is none."""
    if not isinstance(within, Mapping):
        return None
    if name in within:
        return within[name]
    return next((found for found in (_find(name, value) for value in within.values()) if found is not None), None)


def drop_none(members: Mapping[str, Any]) -> Dict[str, Any]:
    """The members that were given."""
    return {name: value for name, value in members.items() if value is not None}
