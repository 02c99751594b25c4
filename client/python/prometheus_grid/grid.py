"""The grid: every question of the API as a method, the same on a server and on a data folder."""

from __future__ import annotations

import csv
import io
import json
import time
import uuid
from datetime import date
from typing import TYPE_CHECKING, Any, Callable, Dict, Iterable, Iterator, List, Literal, Mapping, Optional, Tuple, Type, TypeVar, Union

import numpy as np
import numpy.typing as npt

from ._call import Call, Day, Time, day_text, drop_none, time_text, weights_text
from ._decode import decode
from ._http import Http
from ._server import Server
from .errors import BadInput, GridError, GridFault, from_problem
from .messages import (
    Analogues, Backfill, Changes, Entity, Evaluation, Groups, History, Holdings, Issuer, Map, Model, Portfolio, Prices, Profile, Put, RiskReport, SearchAnswer, Space, State, Vector,
    Vectors, WhoAmI,
)
from .rows import Rows
from .search import Search, numbers

if TYPE_CHECKING:
    import pyarrow

T = TypeVar("T")
EntityKind = Literal["issuer", "instrument", "portfolio"]
BackfillKind = Literal["numeric", "text", "joint_profiles", "portfolios", "joint_portfolios"]
_PAGE = 1_000
_SEARCHES_AT_ONCE, _HITS_AT_ONCE = 500, 100_000  # What a server accepts in one request unless it is set otherwise, with room for the body.
_READS_OF_A_DATE = 3
_STREAMS = 5
_PAUSE = 1.0


class Grid:
    """A grid that is asked over HTTP; made by :func:`prometheus_grid.connect` and :func:`prometheus_grid.open`.

    Every method raises :class:`BadInput`, :class:`NotFound` or :class:`GridFault`. A ``model_id`` names a joint space unless it says otherwise. May be used
    by several threads. As a context manager it closes itself.
    """

    def __init__(self, http: Http, timeout: Optional[float] = None, server: Optional[Server] = None) -> None:
        self._http = http
        self._timeout = timeout
        self._server = server

    @property
    def url(self) -> str:
        """Where it answers."""
        return self._http.url

    def within(self, seconds: float) -> Grid:
        """The same grid, with so much time for a call: repeats and pauses included, and told to the server, which ends its scans then.

        Unless it is said, look-ups and searches have a minute, and what works on whole dates eleven.
        """
        if not seconds > 0:
            raise BadInput.of("seconds", seconds, "seconds above 0, for example 2.5")
        return Grid(self._http, seconds, self._server)

    def close(self) -> None:
        """Closes connections, and ends the server of a data folder."""
        self._http.close()
        if self._server is not None:
            self._server.stop()

    def __enter__(self) -> Grid:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<Grid at {self.url}>"

    # Catalog

    def whoami(self) -> WhoAmI:
        """Who the server takes the caller for."""
        return decode(WhoAmI, self._get("/v1/whoami"))

    def spaces(self) -> Rows[Space]:
        """The joint spaces and what they are made of."""
        return self._rows(Space, self._get("/v1/spaces")["spaces"])

    def space(self, model_id: str) -> Space:
        """A joint space."""
        return decode(Space, self._get("/v1/spaces/{model_id}", model_id=model_id))

    def models(self) -> Rows[Model]:
        """The models of branches."""
        return self._rows(Model, self._get("/v1/models")["models"])

    def model(self, model_id: str) -> Model:
        """A model of a branch."""
        return decode(Model, self._get("/v1/models/{model_id}", model_id=model_id))

    def dates(self, model_id: str, start: Optional[Day] = None, end: Optional[Day] = None) -> npt.NDArray[np.datetime64]:
        """Dates on which a space has vectors, ascending, as ``datetime64[D]`` of shape (dates,); ``start`` and ``end`` are included."""
        answer = self._get("/v1/spaces/{model_id}/dates", model_id=model_id, start=day_text(start), end=day_text(end))
        return np.array(answer["dates"], dtype="datetime64[D]")

    # Issuers and portfolios

    def issuers(
        self, query: Optional[str] = None, *, sector: Optional[str] = None, industry: Optional[str] = None, country: Optional[str] = None,
        limit: Optional[int] = None,
    ) -> Rows[Issuer]:
        """Issuers whose id, name or symbol has ``query`` in it, best match first; all of them without one. ``limit`` is how many at most."""
        return self._pages(Issuer, "/v1/issuers", "issuers", limit, query=query, sector=sector, industry=industry, country=country)

    def issuer(self, issuer_id: str) -> Issuer:
        """An issuer and its instruments."""
        return decode(Issuer, self._get("/v1/issuers/{issuer_id}", issuer_id=issuer_id))

    def profile(self, issuer_id: str, as_of: Optional[Day] = None) -> Profile:
        """The latest business text of an issuer on a date."""
        return decode(Profile, self._get("/v1/issuers/{issuer_id}/profile", issuer_id=issuer_id, as_of=day_text(as_of)))

    def prices(self, issuer_id: str, start: Optional[Day] = None, end: Optional[Day] = None, *, instrument_id: Optional[str] = None) -> Prices:
        """Adjusted closes of an issuer's representative instrument, or of another one of its own."""
        return decode(Prices, self._get(
            "/v1/issuers/{issuer_id}/prices", issuer_id=issuer_id, start=day_text(start), end=day_text(end), instrument_id=instrument_id))

    def portfolios(self, as_of: Optional[Day] = None, *, query: Optional[str] = None, limit: Optional[int] = None) -> Rows[Portfolio]:
        """Portfolios with a risk report on the latest date up to ``as_of``, by id; ``query`` is a part of the id."""
        return self._pages(Portfolio, "/v1/portfolios", "portfolios", limit, as_of=day_text(as_of), query=query)

    def holdings(self, portfolio_id: str, as_of: Optional[Day] = None) -> Holdings:
        """What a portfolio holds: its latest positions up to a date."""
        return decode(Holdings, self._get("/v1/portfolios/{portfolio_id}/holdings", portfolio_id=portfolio_id, as_of=day_text(as_of)))

    def risk_report(self, portfolio_id: str, as_of: Optional[Day] = None) -> RiskReport:
        """The latest risk report of a portfolio up to a date."""
        return decode(RiskReport, self._get("/v1/portfolios/{portfolio_id}/risk-report", portfolio_id=portfolio_id, as_of=day_text(as_of)))

    def state(
        self, entity_id: str, kind: Literal["issuer", "portfolio"] = "issuer", *, as_of: Optional[Day] = None, as_known: Optional[Time] = None, vectors: bool = False,
    ) -> State:
        """The latest vector of each model of an ``issuer`` or ``portfolio`` (``kind``) on a date, as known at a time; their values where ``vectors``."""
        if kind not in ("issuer", "portfolio"):
            raise BadInput.of("kind", kind, "issuer or portfolio")
        return decode(State, self._get(
            f"/v1/{kind}s/{{id}}/state", id=entity_id, as_of=day_text(as_of), as_known=time_text("as_known", as_known), vectors=vectors))

    # Vectors

    def entities(self, model_id: str, as_of_date: Day, *, query: Optional[str] = None, limit: Optional[int] = None) -> Rows[Entity]:
        """Who is in a space on a date, by id; ``query`` is a part of the id or the name."""
        return self._pages(
            Entity, "/v1/spaces/{model_id}/dates/{as_of_date}/entities", "entities", limit, model_id=model_id, as_of_date=day_text(as_of_date), query=query)

    def vector(
        self, model_id: str, as_of_date: Day, entity_id: str, *, weights: Optional[Mapping[str, float]] = None, as_known: Optional[Time] = None,
    ) -> Vector:
        """A joint vector: the stored one, or one fused with other shares by branch."""
        return decode(Vector, self._get(
            "/v1/spaces/{model_id}/dates/{as_of_date}/vectors/{entity_id}", model_id=model_id, as_of_date=day_text(as_of_date), entity_id=entity_id,
            weights=weights_text(weights), as_known=time_text("as_known", as_known)))

    def vectors(self, model_id: str, as_of_date: Day, *, as_known: Optional[Time] = None) -> Vectors:
        """All joint vectors of a date as a float32 matrix of shape (entities, dimension) and whose each row is.

        Raises:
            GridFault: The date was built anew each time that it was read.
        """
        parameters = {"model_id": model_id, "as_of_date": day_text(as_of_date), "as_known": time_text("as_known", as_known)}
        ids_address = "/v1/spaces/{model_id}/dates/{as_of_date}/vectors.ids.csv"
        rows = Call("GET", "/v1/spaces/{model_id}/dates/{as_of_date}/vectors.npy", parameters, is_study=True)
        for _ in range(_READS_OF_A_DATE):
            ids = self._http.send(Call("GET", ids_address, parameters), self._timeout)
            values = self._http.send(rows, self._timeout)
            # Two answers are of one version only if it was the same before and after both.
            after = self._http.send(Call("GET", ids_address, parameters, known_tag=ids.tag), self._timeout)
            if ids.tag == values.tag and after.status == 304:
                return _vectors(model_id, date.fromisoformat(str(parameters["as_of_date"])), ids.content, values.content)
        raise GridFault(f"{model_id} of {parameters['as_of_date']} changes while it is read", can_retry=True)

    def vectors_arrow(self, model_id: str, as_of_date: Day, *, as_known: Optional[Time] = None) -> pyarrow.Table:
        """All joint vectors of a date as an Arrow table: ids and labels beside ``vector``, lists of fixed size of float32. One answer, so of one version. Needs pyarrow."""
        import pyarrow as pa

        parameters = {"model_id": model_id, "as_of_date": day_text(as_of_date), "as_known": time_text("as_known", as_known)}
        call = Call("GET", "/v1/spaces/{model_id}/dates/{as_of_date}/vectors.arrow", parameters, is_study=True)
        content = self._http.send(call, self._timeout).content
        try:
            return pa.ipc.open_stream(content).read_all()
        except pa.ArrowInvalid as error:
            raise GridFault(f"the answer is no stream of Arrow: {error}") from error

    def list_vectors(
        self, model_id: str, start: Optional[Day] = None, end: Optional[Day] = None, *, entity_id: Optional[str] = None, as_known: Optional[Time] = None,
        limit: Optional[int] = None,
    ) -> Rows[Vector]:
        """Joint vectors by date and then by id: of one entity, or of all; for all of a date :meth:`vectors` is the quick way."""
        return self._pages(
            Vector, "/v1/spaces/{model_id}/vectors", "vectors", limit, model_id=model_id, start=day_text(start), end=day_text(end), entity_id=entity_id,
            as_known=time_text("as_known", as_known))

    def put(self, model_id: str, as_of_date: Day, entity_id: str, vector: npt.ArrayLike, *, kind: Optional[EntityKind] = None) -> Put:
        """Stores a branch vector durably and fuses the joint vectors that it completes. Doing it twice changes nothing.

        Args:
            model_id: A model of a branch.
            as_of_date: The date that the vector describes.
            entity_id: The issuer, instrument or portfolio, as the model has it.
            vector: Shape (dimension,) of the model, finite and not all zero; kept as float32.
            kind: ``issuer``, ``instrument`` or ``portfolio``, to be checked against the model.
        """
        body = drop_none({"vector": numbers("vector", vector), "kind": kind})
        parameters = {"model_id": model_id, "as_of_date": day_text(as_of_date), "entity_id": entity_id}
        return decode(Put, self._http.send(Call("PUT", "/v1/models/{model_id}/dates/{as_of_date}/vectors/{entity_id}", parameters, body), self._timeout).json)

    # Search and studies

    def search(
        self, model_id: str, entity_id: Optional[str] = None, *, as_of_date: Day, text: Optional[str] = None, beside_entity_id: Optional[str] = None,
        vector: Optional[npt.ArrayLike] = None, dates: Optional[Tuple[Day, Day]] = None, top_k: int = 10, candidate_limit: Optional[int] = None,
        weights: Optional[Mapping[str, float]] = None, filter: Optional[Mapping[str, Any]] = None, min_cosine: Optional[float] = None,
        max_per_sector: Optional[int] = None, explain: bool = False, as_known: Optional[Time] = None, allow_partial: bool = False,
    ) -> SearchAnswer:
        """The exact nearest neighbours of an entity, a text or a vector; :class:`Search` says what each argument is."""
        body = Search(
            as_of_date, entity_id, text, beside_entity_id, vector, dates, top_k, candidate_limit, weights, filter, min_cosine, max_per_sector, explain, as_known,
            allow_partial).to_message()
        return decode(SearchAnswer, self._post("/v1/spaces/{model_id}/search", body, model_id=model_id))

    def search_many(self, model_id: str, searches: Iterable[Search]) -> List[Union[SearchAnswer, GridError]]:
        """Many searches of a space, some hundreds in a request. One that is refused has its error in place of its answer, and the others are answered."""
        outcomes: List[Union[SearchAnswer, GridError]] = []
        for batch in _batches(searches):
            call = Call("POST", "/v1/spaces/{model_id}/searches", {"model_id": model_id}, {"searches": batch})
            answers = self._http.send(call, self._timeout).json["answers"]
            for i, outcome in enumerate(answers):
                problem = outcome.get("problem")
                outcomes.append(
                    decode(SearchAnswer, outcome["answer"]) if problem is None else from_problem(problem, Call("POST", "", {}, batch[i]).value_of(problem.get("field", ""))))
        return outcomes

    def history(self, model_id: str, entity_id: str, start: Optional[Day] = None, end: Optional[Day] = None) -> History:
        """How an entity moved through a space, by date."""
        return decode(History, self._get(
            "/v1/spaces/{model_id}/history/{entity_id}", is_study=True, model_id=model_id, entity_id=entity_id, start=day_text(start), end=day_text(end)))

    def groups(
        self, model_id: str, as_of_date: Day, *, resolution: Optional[float] = None, neighbours: Optional[int] = None,
    ) -> Groups:
        """Groups of entities that are each other's nearest; the larger the resolution, the more and smaller they are."""
        return decode(Groups, self._get(
            "/v1/spaces/{model_id}/dates/{as_of_date}/groups", is_study=True, model_id=model_id, as_of_date=day_text(as_of_date), resolution=resolution,
            neighbours=neighbours))

    def changes(self, model_id: str, from_date: Day, to_date: Day, *, top_k: Optional[int] = None) -> Changes:
        """Who moved, and whose so many nearest neighbours changed, between two dates."""
        query = {"from": day_text(from_date), "to": day_text(to_date)}
        return decode(Changes, self._get("/v1/spaces/{model_id}/changes", is_study=True, model_id=model_id, top_k=top_k, **query))

    def analogues(
        self, model_id: str, portfolio_id: str, as_of_date: Day, *, horizon: Optional[int] = None, top_k: Optional[int] = None,
    ) -> Analogues:
        """Past states of portfolios that resemble one on a date, and what followed them over a horizon of trading days."""
        return decode(Analogues, self._get(
            "/v1/spaces/{model_id}/analogues/{portfolio_id}", is_study=True, model_id=model_id, portfolio_id=portfolio_id, as_of=day_text(as_of_date),
            horizon=horizon, top_k=top_k))

    def map(
        self, model_id: str, as_of_date: Day, *, method: Literal["umap", "pca"] = "umap", neighbours: int = 15, distances: bool = False,
    ) -> Map:
        """A space on a date in two dimensions, by ``umap`` or ``pca``, with so many true neighbours for each entity, and how far those are."""
        return decode(Map, self._get(
            "/v1/spaces/{model_id}/dates/{as_of_date}/map", is_study=True, model_id=model_id, as_of_date=day_text(as_of_date), method=method,
            neighbours=neighbours, distances=distances))

    def evaluate(
        self, model_ids: Iterable[str], start: Day, end: Optional[Day] = None, *, labels: Optional[Mapping[str, str]] = None,
        label_name: Optional[str] = None,
    ) -> Evaluation:
        """How good the ten nearest neighbours of every entity are, on the grid's own data.

        Args:
            model_ids: Joint models or models of a branch, each once; the others are held against the first.
            start: The first date.
            end: The last date; one day without it.
            labels: Labels of the caller's own by entity id.
            label_name: What they are.
        """
        body = drop_none({
            "model_ids": [model_ids] if isinstance(model_ids, str) else list(model_ids), "start": day_text(start),
            "end": day_text(start if end is None else end), "labels": None if labels is None else dict(labels), "label_name": label_name})
        return decode(Evaluation, self._post("/v1/evaluations", body, is_study=True))

    # Backfills

    def backfill(
        self, kind: BackfillKind, model_id: str, start: Day, end: Optional[Day] = None, *, progress: Optional[Callable[[Backfill], None]] = None, **options: Any,
    ) -> Backfill:
        """Builds vectors of a model for a date or a range and waits for the end; see :meth:`start_backfill`.

        It takes as long as it takes: ``within`` holds for each request. A lost connection or a server that starts anew does not end it. An interrupt
        (Ctrl+C, or stopping the cell) cancels it; what was committed stays.

        Args:
            kind: As in :meth:`start_backfill`, like all that follow.
            model_id: What is built.
            start: The first date.
            end: The last date; one day without it.
            progress: Is told how it stands, first and each time that it has moved.
            **options: As in :meth:`start_backfill`.

        Raises:
            GridError: It failed, as what the grid says of it; a GridFault where somebody cancelled it.
        """
        job = self.start_backfill(kind, model_id, start, end, **options)
        try:
            for job in self.watch_backfill(job.backfill_id):
                if progress is not None:
                    progress(job)
        except KeyboardInterrupt:
            self.cancel_backfill(job.backfill_id)
            raise
        if job.status == "succeeded":
            return job
        if job.problem is not None:
            raise from_problem(job.problem, job.request.get(str(job.problem.get("field", ""))))
        raise GridFault(f"backfill {job.backfill_id} was {job.status}; what was committed stays")

    def start_backfill(
        self, kind: BackfillKind, model_id: str, start: Day, end: Optional[Day] = None, *, limit: Optional[int] = None, window_days: Optional[int] = None,
        market_id: Optional[str] = None, instrument_ids: Optional[Iterable[str]] = None, offset: Optional[int] = None,
        issuer_ids: Optional[Iterable[str]] = None, portfolio_ids: Optional[Iterable[str]] = None, branch_model_ids: Optional[Mapping[str, str]] = None,
    ) -> Backfill:
        """Starts a backfill and returns. It has a name from the beginning, so that a start that is repeated is no second backfill.

        Args:
            kind: ``numeric``, ``text``, ``joint_profiles``, ``portfolios`` or ``joint_portfolios``.
            model_id: The model whose vectors are built.
            start: The first date.
            end: The last date; one day without it.
            limit: At most this many entities by date.
            window_days: Numeric: trading days in the window.
            market_id: Numeric: instruments of this market.
            instrument_ids: Numeric: these instruments.
            offset: Numeric: passes over this many instruments first.
            issuer_ids: Joint profiles: only these issuers.
            portfolio_ids: Portfolios: only these.
            branch_model_ids: Joint: other models by branch name; an empty one leaves the branch out.
        """
        lists = {"instrument_ids": instrument_ids, "issuer_ids": issuer_ids, "portfolio_ids": portfolio_ids}
        body = drop_none({
            "kind": kind, "model_id": model_id, "start": day_text(start), "end": day_text(start if end is None else end), "limit": limit,
            "window_days": window_days, "market_id": market_id, "offset": offset,
            "branch_model_ids": None if branch_model_ids is None else dict(branch_model_ids),
            **{name: None if ids is None else list(ids) for name, ids in lists.items()}})
        return decode(Backfill, self._http.send(Call("POST", "/v1/backfills", {}, body, name=str(uuid.uuid4())), self._timeout).json)

    def backfills(self) -> Rows[Backfill]:
        """Backfills of this grid, newest first."""
        return self._rows(Backfill, self._get("/v1/backfills")["backfills"])

    def get_backfill(self, backfill_id: str) -> Backfill:
        """How a backfill stands."""
        return decode(Backfill, self._get("/v1/backfills/{backfill_id}", backfill_id=backfill_id))

    def cancel_backfill(self, backfill_id: str) -> Backfill:
        """Ends a backfill after the chunk under way; what is committed stays, and one that has ended stays as it is."""
        return decode(Backfill, self._http.send(Call("DELETE", "/v1/backfills/{backfill_id}", {"backfill_id": backfill_id}), self._timeout).json)

    def watch_backfill(self, backfill_id: str) -> Iterator[Backfill]:
        """A backfill as it is now and each time that it has moved, until it has ended. Asks anew where the connection is lost."""
        call = Call("GET", "/v1/backfills/{backfill_id}/events", {"backfill_id": backfill_id})
        lost = 0
        while True:
            try:
                for event in self._http.events(call):
                    job = decode(Backfill, json.loads(event))
                    lost = 0
                    yield job
                    if job.status != "running":
                        return
                lost += 1
            except GridFault as fault:
                lost += 1
                if not fault.is_worth_repeating or lost == _STREAMS:
                    raise
            if lost == _STREAMS:
                raise GridFault(f"{self.url} ends the events of backfill {backfill_id} before it has ended", can_retry=True)
            time.sleep(_PAUSE)

    # How it is asked

    def _get(self, address: str, *, is_study: bool = False, **parameters: Any) -> Any:
        return self._http.send(Call("GET", address, parameters, is_study=is_study), self._timeout).json

    def _post(self, address: str, body: Mapping[str, Any], *, is_study: bool = False, **parameters: Any) -> Any:
        """Only for questions: what is posted here may be repeated."""
        return self._http.send(Call("POST", address, parameters, body, is_study=is_study), self._timeout).json

    def _pages(self, kind: Type[T], address: str, member: str, limit: Optional[int], **parameters: Any) -> Rows[T]:
        found: List[Any] = []
        cursor = None
        while True:
            most = _PAGE if limit is None else min(_PAGE, limit - len(found))
            page = self._get(address, limit=most, cursor=cursor, **parameters)
            found += page[member]
            cursor = page.get("next_cursor")
            if cursor is None or (limit is not None and len(found) >= limit):
                return self._rows(kind, found)

    @staticmethod
    def _rows(kind: Type[T], items: Iterable[Dict[str, Any]]) -> Rows[T]:
        return Rows(kind, (decode(kind, item) for item in items))


def _vectors(model_id: str, as_of_date: date, ids: bytes, content: bytes) -> Vectors:
    try:
        # Objects in an array could run code when they are read.
        values = np.load(io.BytesIO(content), allow_pickle=False)
    except ValueError as error:
        raise GridFault(f"the answer is no array of numbers: {error}") from error
    rows = list(csv.DictReader(io.StringIO(ids.decode(), newline="")))
    if values.dtype != np.float32 or values.ndim != 2 or len(values) != len(rows):
        raise GridFault(f"the answer has {len(rows)} ids for an array of {values.dtype} of shape {values.shape}")
    columns = {name: tuple(row[name] for row in rows) for name in ("entity_id", "instrument_id", "region", "source")}
    return Vectors(model_id, as_of_date, columns["entity_id"], columns["instrument_id"], columns["region"], columns["source"], values)


def _batches(searches: Iterable[Search]) -> Iterator[List[Dict[str, Any]]]:
    batch: List[Dict[str, Any]] = []
    hits = 0
    for search in searches:
        if batch and (len(batch) == _SEARCHES_AT_ONCE or hits + search.top_k > _HITS_AT_ONCE):
            yield batch
            batch, hits = [], 0
        batch.append(search.to_message())
        hits += search.top_k
    if batch:
        yield batch
