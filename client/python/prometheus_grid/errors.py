"""What can go wrong, in the three kinds that every surface of the grid tells apart."""

from __future__ import annotations

from typing import Any, Mapping, Optional

_RETRIED = (429, 503)
_DEADLINE = 504


class GridError(Exception):
    """Base of every error that the grid reports on purpose.

    Attributes:
        status: HTTP status of the answer; None where there was no answer.
        request_id: Under which the server's log has the request; None where there was no answer.
    """

    def __init__(self, message: str, *, status: Optional[int] = None, request_id: Optional[str] = None) -> None:
        super().__init__(message)
        self.status = status
        self.request_id = request_id


class BadInput(GridError, ValueError):
    """An input is refused; the same call will fail again.

    Attributes:
        field: The argument that is refused, by its name in the API; empty where it is the request as a whole.
        value: Its value as it was given; None where it was not given.
        allowed: What would be accepted in its place; empty where nobody said.
    """

    def __init__(self, message: str, *, field: str = "", value: Any = None, allowed: str = "", **context: Any) -> None:
        super().__init__(message, **context)
        self.field = field
        self.value = value
        self.allowed = allowed

    @classmethod
    def of(cls, field: str, value: Any, allowed: str) -> BadInput:
        """Refuses a value before anything is sent."""
        return cls(f"{field} is {value!r}; allowed: {allowed}", field=field, value=value, allowed=allowed)


class NotFound(GridError, LookupError):
    """The input is fine, but what it names does not exist.

    Attributes:
        what: What was looked for, for example ``issuer``.
        key: The key that was not found.
    """

    def __init__(self, message: str, *, what: str = "", key: str = "", **context: Any) -> None:
        super().__init__(message, **context)
        self.what = what
        self.key = key


class GridFault(GridError, RuntimeError):
    """The grid or something below it failed.

    Attributes:
        can_retry: Whether the same call may succeed later. It was repeated already, within its deadline.
    """

    def __init__(self, message: str, *, can_retry: bool = False, **context: Any) -> None:
        super().__init__(message, **context)
        self.can_retry = can_retry

    @classmethod
    def of_deadline(cls, seconds: float) -> GridFault:
        """No answer in time, by the clock of the caller."""
        return cls(f"no answer within {seconds:g} s", can_retry=True, status=_DEADLINE)

    @property
    def is_worth_repeating(self) -> bool:
        """True where the server had no room, or no answer came; false once a deadline has passed."""
        return self.can_retry and (self.status is None or self.status in _RETRIED)


def from_problem(problem: Mapping[str, Any], value: Any = None) -> GridError:
    """The error that a problem of the API (RFC 9457) tells of.

    Args:
        problem: Its members; of an answer that no grid wrote, such as a proxy's, ``status`` and ``detail``.
        value: What was sent as the field that the problem names.
    """
    status = int(problem.get("status", 0))
    message = str(problem.get("detail") or problem.get("title") or f"status {status}")
    context = {"status": status, "request_id": problem.get("request_id")}
    kind = problem.get("kind") or ("not_found" if status == 404 else "bad_input" if 400 <= status < 500 and status not in _RETRIED else "fault")
    if status == 401:
        return BadInput(message, field="api_key", allowed="a key of this server, as api_key or in GRID_API_KEY", **context)
    if kind == "bad_input":
        return BadInput(message, field=problem.get("field", ""), value=value, allowed=problem.get("allowed", ""), **context)
    if kind == "not_found":
        return NotFound(message, what=problem.get("what", ""), key=problem.get("key", ""), **context)
    return GridFault(message, can_retry=problem.get("can_retry", status in (*_RETRIED, _DEADLINE)), **context)
