"""A search as a value: the same for one and for many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Dict, Mapping, Optional, Sequence, Tuple

import numpy as np
import numpy.typing as npt

from ._call import Day, Time, day_text, drop_none, time_text
from .errors import BadInput


@dataclass(frozen=True, eq=False)
class Search:
    """Asks for the exact nearest neighbours of a target.

    Attributes:
        as_of_date: The date on which the target is taken, and on which neighbours are sought unless ``dates`` says otherwise.
        entity_id: The target is an issuer or portfolio of the space,
        text: or a text, encoded by the space's text model; ``beside_entity_id`` gives it the other branches of an entity,
        vector: or a vector of shape (dimension,), finite.
        dates: First and last date; all dates of the space between are searched.
        top_k: How many neighbours, 1 or more.
        candidate_limit: Looks only at the first this many candidates by date and id.
        weights: Shares by branch, for example ``{"text": 0.7, "numeric": 0.3}``; they are scaled to sum to one.
        filter: Narrows the candidates; of ``sector``, ``industry``, ``country``, ``market_id``, ``region`` (labels, compared without case),
            ``entity_ids``, ``excluded_ids`` and ``excluded_sectors`` (sequences) all that are given must hold.
        min_cosine: Only neighbours of this cosine or more, -1 to 1.
        max_per_sector: At most this many neighbours of a sector, in a space of issuers.
        explain: Adds each branch's cosine and share of the score.
        as_known: Answers as the grid would have at this time.
        allow_partial: Accepts an answer with shards missing, flagged as such.
    """

    as_of_date: Day
    entity_id: Optional[str] = None
    text: Optional[str] = None
    beside_entity_id: Optional[str] = None
    vector: Optional[npt.ArrayLike] = None
    dates: Optional[Tuple[Day, Day]] = None
    top_k: int = 10
    candidate_limit: Optional[int] = None
    weights: Optional[Mapping[str, float]] = None
    filter: Optional[Mapping[str, Any]] = None
    min_cosine: Optional[float] = None
    max_per_sector: Optional[int] = None
    explain: bool = False
    as_known: Optional[Time] = None
    allow_partial: bool = False

    def to_message(self) -> Dict[str, Any]:
        """As the API has it.

        Raises:
            BadInput: The vector is none, or the time has no offset.
        """
        target = {"entity_id": self.entity_id, "text": self.text, "beside_entity_id": self.beside_entity_id}
        return drop_none({
            "target": drop_none({**target, "vector": None if self.vector is None else numbers("vector", self.vector)}),
            "as_of_date": day_text(self.as_of_date),
            "dates": None if self.dates is None else {"start": day_text(self.dates[0]), "end": day_text(self.dates[1])},
            "top_k": self.top_k,
            "candidate_limit": self.candidate_limit,
            "weights": None if self.weights is None else {branch: float(weight) for branch, weight in self.weights.items()},
            "filter": None if self.filter is None else _filter(self.filter),
            "min_cosine": self.min_cosine,
            "max_per_sector": self.max_per_sector,
            "explain": self.explain,
            "as_known": time_text("as_known", self.as_known),
            "allow_partial": self.allow_partial,
        })


def numbers(name: str, vector: npt.ArrayLike) -> Sequence[float]:
    """A vector as JSON has it: each float32 as the number that reads back as the same bits."""
    values = np.asarray(vector)
    if values.ndim != 1 or values.dtype.kind not in "fiu" or not np.isfinite(values).all():
        raise BadInput(f"{name} is {values!r}; allowed: finite numbers of shape (dimension,)", field=name, value=vector, allowed="finite numbers of shape (dimension,)")
    listed: Sequence[float] = values.astype(np.float64).tolist()
    return listed


def _filter(given: Mapping[str, Any]) -> Dict[str, Any]:
    return {name: value if value is None or isinstance(value, (str, int, float)) else list(value) for name, value in given.items()}
