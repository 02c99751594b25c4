"""Prometheus.Grid from Python: exact similarity of issuers and portfolios, on a server or on a data folder.

>>> import prometheus_grid
>>> with prometheus_grid.open("grid-data") as grid:                          # doctest: +SKIP
...     answer = grid.search("joint-profile-core-v3", "ISS_AAPL", as_of_date="2023-12-29", filter={"country": "France"})
...     answer.to_pandas()
"""

from __future__ import annotations

import os
import ssl
from typing import Optional, Union

from ._call import Day, Time
from ._http import Http
from ._server import Command, Server
from .errors import BadInput, GridError, GridFault, NotFound
from .grid import Grid
from .rows import Rows
from .search import Search

__all__ = ["BadInput", "Day", "Grid", "GridError", "GridFault", "NotFound", "Rows", "Search", "Time", "connect", "open"]


def connect(url: str, *, api_key: Optional[str] = None, timeout: Optional[float] = None, tls: Optional[ssl.SSLContext] = None) -> Grid:
    """A grid that somebody serves.

    Args:
        url: Its address, for example ``http://127.0.0.1:5075``; may have a path before the API's.
        api_key: A key of the server; GRID_API_KEY unless it is given.
        timeout: Seconds for each call; see :meth:`Grid.within`.
        tls: How https is checked; the machine's own certificates unless it is given.

    Raises:
        BadInput: The address is none, or the server wants another key.
        GridFault: It does not answer.
    """
    grid = Grid(Http(url, api_key or os.environ.get("GRID_API_KEY") or None, tls))
    grid = grid if timeout is None else grid.within(timeout)
    grid.whoami()
    return grid


def open(
    folder: Union[str, os.PathLike[str]], *, command: Optional[Command] = None, timeout: Optional[float] = None, start_timeout: float = 600.0,
) -> Grid:
    """A grid of its own on a data folder: starts ``grid serve`` on it, which ends with :meth:`Grid.close`, or with this process however it ends.

    Args:
        folder: The data folder; ``grid demo`` makes one to try.
        command: What runs the grid, for example ``./grid`` or ``["dotnet", "grid.dll"]``. Unless it is given: GRID_COMMAND, then ``grid`` on the PATH, then
            ``./grid`` of the checkout that this package or the working folder is in.
        timeout: Seconds for each call; see :meth:`Grid.within`.
        start_timeout: Seconds until the server is ready; in a checkout it may have to be built first.

    Raises:
        NotFound: There is no such command.
        BadInput: There is no such folder.
        GridFault: The server does not start.
    """
    server = Server(folder, command, start_timeout)
    grid = Grid(Http(server.url, server.api_key), server=server)
    return grid if timeout is None else grid.within(timeout)
