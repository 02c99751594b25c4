"""What the grid answers, member for member as ``/openapi/v1.json`` names it. Labels are empty where the tables have none."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Dict, Mapping, Optional, Tuple

import numpy as np
import numpy.typing as npt

from .rows import Rows

if TYPE_CHECKING:
    import pandas
    import pyarrow


@dataclass(frozen=True)
class WhoAmI:
    """Who the server takes the caller for; ``role`` is read or write."""

    name: str
    role: str
    needs_key: bool


@dataclass(frozen=True)
class Branch:
    """A branch of a space. ``weight`` is its share unless weights are given; ``dimensions`` how many of its coordinates enter, where fusion says so."""

    name: str
    kind: str
    model_id: str
    weight: float
    required: bool
    dimensions: Optional[int] = None


@dataclass(frozen=True)
class Space:
    """A joint space of issuers or portfolios (``entity``), whose vectors have ``dimension`` coordinates."""

    model_id: str
    joint_type: str
    entity: str
    fusion: str
    dimension: int
    description: str
    branches: Tuple[Branch, ...]


@dataclass(frozen=True)
class Model:
    """A model of a branch; ``dimension`` is None where a run decides it."""

    model_id: str
    kind: str
    entity: str
    encoder: str
    description: str
    dimension: Optional[int] = None


@dataclass(frozen=True)
class Instrument:
    """A listed instrument of an issuer."""

    instrument_id: str
    symbol: str
    market_id: str
    asset_class: str
    exchange: str
    currency: str
    status: str


@dataclass(frozen=True)
class Issuer:
    """An issuer and what it has issued, by id."""

    issuer_id: str
    name: str
    issuer_type: str
    country: str
    sector: str
    industry: str
    region: str
    instruments: Tuple[Instrument, ...]


@dataclass(frozen=True)
class Profile:
    """The business text of an issuer."""

    issuer_id: str
    as_of_date: date
    business_description: str
    risk_summary: str
    recent_events_summary: str


@dataclass(frozen=True, eq=False)
class Prices:
    """A price history: ``adjusted_close`` of shape (days,) in the instrument's currency, adjusted for splits and dividends; ``dates`` ascending."""

    issuer_id: str
    instrument_id: str
    dates: npt.NDArray[np.datetime64]
    adjusted_close: npt.NDArray[np.float64]

    def to_pandas(self) -> pandas.Series[float]:
        """A Series of the issuer's name over its trading days. Needs pandas."""
        import pandas as pd

        return pd.Series(self.adjusted_close, index=pd.DatetimeIndex(self.dates.astype("datetime64[ns]"), name="date"), name=self.issuer_id)


@dataclass(frozen=True)
class Portfolio:
    """A portfolio and the date of its latest risk report."""

    portfolio_id: str
    as_of_date: date


@dataclass(frozen=True)
class Holding:
    """A position; ``weight`` is its signed share of the portfolio's value."""

    instrument_id: str
    issuer_id: str
    name: str
    sector: str
    weight: float


@dataclass(frozen=True)
class Holdings:
    """What a portfolio holds, by instrument id."""

    portfolio_id: str
    as_of_date: date
    holdings: Rows[Holding]


@dataclass(frozen=True)
class RiskReport:
    """Risk measures, weights by sector and loadings by factor of a portfolio."""

    portfolio_id: str
    as_of_date: date
    risk_metrics: Mapping[str, float]
    exposures_by_sector: Mapping[str, float]
    exposures_by_factor: Mapping[str, float]


@dataclass(frozen=True, eq=False)
class BranchState:
    """The latest vector of a model: the date that it describes, when the grid came to know it, and its float32 values where they were asked for."""

    model_id: str
    as_of_date: date
    known_at: datetime
    vector: Optional[npt.NDArray[np.float32]] = None


@dataclass(frozen=True)
class State:
    """The latest branch vectors of an entity, one a model."""

    kind: str
    id: str
    branches: Rows[BranchState]


@dataclass(frozen=True)
class Entity:
    """An issuer or portfolio of a space with its labels."""

    entity_id: str
    name: str
    sector: str
    industry: str
    country: str
    region: str
    instrument_id: str


@dataclass(frozen=True, eq=False)
class Vector:
    """A joint vector of shape (dimension,); ``source`` says what it was fused from."""

    as_of_date: date
    entity_id: str
    instrument_id: str
    region: str
    source: str
    model_id: str
    vector: npt.NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Vectors:
    """The joint vectors of a date: ``values`` of shape (entities, dimension), a row each of ``entity_ids``, which are ascending."""

    model_id: str
    as_of_date: date
    entity_ids: Tuple[str, ...]
    instrument_ids: Tuple[str, ...]
    regions: Tuple[str, ...]
    sources: Tuple[str, ...]
    values: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.entity_ids)

    def to_pandas(self) -> pandas.DataFrame:
        """A DataFrame of float32: entities down, coordinates across. Needs pandas."""
        import pandas as pd

        return pd.DataFrame(self.values, index=pd.Index(self.entity_ids, name="entity_id"))

    def to_arrow(self) -> pyarrow.Table:
        """An Arrow table with a column ``vector`` of fixed-size lists. Needs pyarrow."""
        import pyarrow as pa

        labels = {"entity_id": self.entity_ids, "instrument_id": self.instrument_ids, "region": self.regions, "source": self.sources}
        vectors = pa.FixedSizeListArray.from_arrays(pa.array(self.values.reshape(-1)), self.values.shape[1])
        return pa.table({**{name: pa.array(list(texts), pa.string()) for name, texts in labels.items()}, "vector": vectors})


@dataclass(frozen=True)
class BranchShare:
    """What a branch contributes to a score: its cosine alone, and its part; the shares of a hit add up to its cosine.

    ``shared`` names the strongest coordinates that both have, where coordinates have names, such as classes.
    """

    branch: str
    cosine: float
    share: float
    shared: Tuple[str, ...] = ()


@dataclass(frozen=True)
class Hit:
    """A neighbour: ``rank`` from 1, ``cosine`` in -1..1, ``euclidean`` distance of the vectors as compared."""

    rank: int
    entity_id: str
    name: str
    sector: str
    country: str
    instrument_id: str
    region: str
    source: str
    as_of_date: date
    cosine: float
    euclidean: float
    explanation: Tuple[BranchShare, ...] = ()

    def _cells(self) -> Dict[str, Any]:
        cells = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "explanation"}
        for part in self.explanation:
            cells[f"{part.branch}_cosine"], cells[f"{part.branch}_share"] = part.cosine, part.share
            if part.shared:
                cells[f"{part.branch}_shared"] = "; ".join(part.shared)
        return cells


@dataclass(frozen=True)
class SearchAnswer:
    """The nearest neighbours of a target: cosine descending, distance ascending, date ascending, id ascending.

    Attributes:
        model_id: The joint model that all vectors are of.
        exact: Whether no nearer neighbour can be missing: true unless the answer is partial.
        is_partial: Whether shards are missing; only where that was allowed.
        candidates: How many vectors were compared.
        missing_shards: Those that did not answer.
        hits: Fewer than asked for only where there are no more candidates.
    """

    model_id: str
    exact: bool
    is_partial: bool
    candidates: int
    missing_shards: Tuple[str, ...]
    hits: Rows[Hit]

    def to_pandas(self) -> pandas.DataFrame:
        """The hits; of an explanation the columns ``<branch>_cosine``, ``<branch>_share`` and ``<branch>_shared``. Needs pandas."""
        return self.hits.to_pandas()

    def to_arrow(self) -> pyarrow.Table:
        """The hits, with the same columns. Needs pyarrow."""
        return self.hits.to_arrow()


@dataclass(frozen=True)
class HistoryPoint:
    """An entity on a date: norm of its vector, cosines to the date before and to the first, and its nearest other entity."""

    as_of_date: date
    norm: float
    cosine_to_first: float
    cosine_to_previous: Optional[float] = None
    nearest: Optional[str] = None
    nearest_cosine: Optional[float] = None


@dataclass(frozen=True)
class History:
    """How an entity moved through a space, by date."""

    model_id: str
    entity_id: str
    points: Rows[HistoryPoint]


@dataclass(frozen=True)
class Group:
    """A group of a space: its id from 1, how many members, and the words that tell it from the rest, strongest first."""

    group_id: int
    size: int
    words: Tuple[str, ...]


@dataclass(frozen=True)
class GroupMember:
    """An entity in its group, with its mean cosine to the other members; none for one that is alone."""

    entity_id: str
    group_id: int
    centrality: Optional[float] = None


@dataclass(frozen=True)
class Groups:
    """The groups of a space on a date; ``modularity`` says how much better than by chance they hold together."""

    model_id: str
    as_of_date: date
    modularity: float
    edges: int
    groups: Rows[Group]
    members: Rows[GroupMember]


@dataclass(frozen=True)
class Change:
    """What changed for an entity: the length of its own move, and its nearest neighbours of one date alone and of both."""

    entity_id: str
    cosine: float
    move: float
    entered: Tuple[str, ...]
    left: Tuple[str, ...]
    kept: int
    times_typical: Optional[float] = None


@dataclass(frozen=True)
class Changes:
    """What changed in a space between two dates, the largest move first; moves are lengths between unit vectors, less what moved everybody."""

    model_id: str
    from_date: date
    to_date: date
    universe_move: float
    typical_move: float
    changes: Rows[Change]
    appeared: Tuple[str, ...]
    gone: Tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What followed a state over the horizon, as shares: total return, volatility a year, deepest fall from a high."""

    total_return: float
    volatility: float
    worst_drawdown: float


@dataclass(frozen=True)
class Outcomes:
    """Outcomes of states together: their number, on how many dates, means and standard deviations."""

    states: int
    dates: int
    mean: Outcome
    spread: Outcome


@dataclass(frozen=True)
class Analogue:
    """A past state that resembles a portfolio, and what followed it."""

    portfolio_id: str
    as_of_date: date
    cosine: float
    followed: Outcome


@dataclass(frozen=True)
class Analogues:
    """Past states that resemble a portfolio on a date, nearest first, beside as many that were drawn by lot; nothing after the date was read."""

    model_id: str
    portfolio_id: str
    as_of_date: date
    horizon: int
    analogues: Rows[Analogue]
    of_analogues: Outcomes
    of_random: Outcomes
    eligible: int
    periods: int


@dataclass(frozen=True, eq=False)
class Map:
    """A space on a date, drawn in the plane: columns of equal length, by entity id.

    ``x`` and ``y`` have shape (entities,) and no unit. ``neighbours`` are, for each point, the positions of its true nearest neighbours in the space,
    nearest first, and ``distances`` their cosine distances where they were asked for; ``trustworthiness`` says how well neighbours on the map are neighbours in the space, 0 to 1.
    """

    model_id: str
    as_of_date: date
    method: str
    entity_ids: Tuple[str, ...]
    names: Tuple[str, ...]
    sectors: Tuple[str, ...]
    countries: Tuple[str, ...]
    x: npt.NDArray[np.float64]
    y: npt.NDArray[np.float64]
    neighbours: Tuple[Tuple[int, ...], ...]
    trustworthiness: float
    distances: Optional[Tuple[npt.NDArray[np.float32], ...]] = None

    def to_pandas(self) -> pandas.DataFrame:
        """A DataFrame with name, sector, country, x and y by entity. Needs pandas."""
        import pandas as pd

        columns = {"name": self.names, "sector": self.sectors, "country": self.countries, "x": self.x, "y": self.y}
        return pd.DataFrame(columns, index=pd.Index(self.entity_ids, name="entity_id"))


@dataclass(frozen=True)
class Figure:
    """One figure of a model for the ten nearest neighbours; ``as_of_date`` is None for the mean over the dates.

    ``baseline`` is what ``baseline_is`` (random_pair or sector_mean) reaches, ``difference`` how far the figure is above the first model's.
    """

    model_id: str
    metric: str
    value: float
    standard_error: float
    baseline: float
    baseline_is: str
    more_is_better: bool
    entities: int
    difference: float
    difference_error: float
    as_of_date: Optional[date] = None


@dataclass(frozen=True)
class Count:
    """How many, and why."""

    reason: str
    count: int


@dataclass(frozen=True)
class UnjudgedDate:
    """A date on which models could not be judged, and why not."""

    as_of_date: date
    reason: str


@dataclass(frozen=True)
class Evaluation:
    """How good the neighbours of models are, by date, metric and model; ``left_out`` counts who could not be judged, ``unjudged`` names dates of the range."""

    model_ids: Tuple[str, ...]
    figures: Rows[Figure]
    left_out: Rows[Count]
    unjudged: Optional[Rows[UnjudgedDate]] = None


@dataclass(frozen=True)
class Put:
    """What a put changed: False when the very same vector was there already; the spaces whose joint vector of the entity was fused anew."""

    changed: bool
    joint_model_ids: Tuple[str, ...]


@dataclass(frozen=True)
class Progress:
    """How far a backfill has come: entities of ``as_of_date`` that are committed or passed over, and dates that are complete."""

    model_id: str
    as_of_date: date
    entities_done: int
    entities_total: int
    dates_done: int
    dates_total: int


@dataclass(frozen=True)
class Skipped:
    """An entity that got no row, why as a code, and why in numbers."""

    entity_id: str
    reason: str
    detail: str


@dataclass(frozen=True)
class Day:
    """What a backfill did on a date, in rows; ``resumed`` counts entities that an interrupted run had committed before."""

    as_of_date: date
    written: int
    unchanged: int
    resumed: int
    beyond_limit: int
    skipped: Rows[Skipped]


@dataclass(frozen=True)
class InputNote:
    """Something in a table that a backfill did not use, or used otherwise than it may be meant: what and why, how often, and the first few."""

    table: str
    what: str
    count: int
    examples: Tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """What a backfill did: rows that are new or changed, rows that were there already bit for bit, both by date, and what of the tables was not used."""

    written: int
    unchanged: int
    days: Rows[Day]
    notes: Optional[Rows[InputNote]] = None


@dataclass(frozen=True)
class Backfill:
    """A backfill: ``status`` is running, succeeded, failed or cancelled; ``problem`` says what went wrong once it has failed."""

    backfill_id: str
    status: str
    request: Mapping[str, Any]
    created_at: datetime
    finished_at: Optional[datetime] = None
    progress: Optional[Progress] = None
    report: Optional[Report] = None
    problem: Optional[Mapping[str, Any]] = None
