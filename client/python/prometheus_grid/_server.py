"""A server of its own for a data folder: ``grid serve``, started and ended with its caller."""

from __future__ import annotations

import hashlib
import os
import re
import secrets
import shlex
import shutil
import subprocess
import tempfile
import threading
import weakref
from collections import deque
from pathlib import Path
from typing import Deque, Dict, List, Mapping, Optional, Sequence, Type, Union

from .errors import BadInput, GridError, GridFault, NotFound

_READY = re.compile(r"^serving at (https?://[^;,\s]+)")
_VOICE = "grid: "
_KINDS: Mapping[int, Type[GridError]] = {2: BadInput, 3: NotFound}
_LINES_KEPT = 40
_SECONDS_TO_END = 30.0
_OTHER_STORES = ("GRID_DATA", "GRID_POSTGRES", "GRID_SERVER", "GRID_API_KEY")

# Ends the server when the pipe to this process closes, which it does however this process ends: a notebook's kernel may well be killed.
_WATCH = '"$@" </dev/null & server=$!; exec >/dev/null 2>&1; read -r _; kill "$server"; wait "$server"'

Command = Union[str, Sequence[str]]


class Server:
    """``grid serve`` on a folder, on a free port of this machine, with a key that only this process knows: others on the machine are not let in."""

    def __init__(self, folder: Union[str, os.PathLike[str]], command: Optional[Command], seconds: float) -> None:
        """Starts it and waits until it is ready.

        Args:
            folder: The data folder.
            command: What runs the grid; None looks for it (:func:`find_command`).
            seconds: How long its start may take; in a checkout that can mean to build it first.

        Raises:
            GridError: There is no such command or folder, or the server ends before it is ready; says why in its own words.
        """
        if not Path(folder).is_dir():
            raise BadInput.of("folder", os.fspath(folder), "a data folder; grid demo makes one to try")
        self.api_key = "grid_" + secrets.token_urlsafe(32)
        with tempfile.TemporaryDirectory(prefix="prometheus-grid-") as own:
            keys = Path(own, "keys.txt")
            keys.write_text(f"python write {hashlib.sha256(self.api_key.encode()).hexdigest()}\n")
            line = [*find_command(command), "serve", "--data", os.fspath(folder), "--urls", "http://127.0.0.1:0", "--api-key-file", str(keys)]
            self._process = _start(line)
            self.stop = weakref.finalize(self, _stop, self._process)
            self._said: Deque[str] = deque(maxlen=_LINES_KEPT)
            self.url = self._wait(line, seconds)

    def _wait(self, line: List[str], seconds: float) -> str:
        found: List[str] = []
        decided = threading.Event()
        # Somebody has to read as long as it runs: a full pipe would stop it.
        threading.Thread(target=_listen, args=(self._process, self._said, found, decided), daemon=True).start()
        try:
            in_time = decided.wait(seconds)
        except BaseException:
            self.stop()
            raise
        if found:
            return found[0]
        self.stop()
        if not in_time:
            raise GridFault(f"{shlex.join(line[:2])} is not ready after {seconds:g} s", can_retry=True)
        raise _reason(self._process, self._said, line)


def find_command(command: Optional[Command] = None) -> List[str]:
    """What runs the grid: as given, else GRID_COMMAND, else ``grid`` on the PATH, else ``./grid`` of the checkout that this file or the working folder is in.

    Raises:
        NotFound: There is none.
    """
    command = command or os.environ.get("GRID_COMMAND")
    if command:
        # A path may have blanks in it.
        words = list(command) if not isinstance(command, str) else [command] if Path(command).is_file() else shlex.split(command)
        if words and shutil.which(words[0]):
            return words
        raise NotFound(f"command {command!r} not found: no program of this name", what="command", key=str(command))
    found = shutil.which("grid")
    if found:
        return [found]
    for start in (Path(__file__).resolve().parent, Path.cwd()):
        for folder in (start, *start.parents):
            if (folder / "Prometheus.Grid.sln").is_file() and (folder / "grid").is_file():
                return [str(folder / "grid")]
    raise NotFound(
        "command 'grid' not found: give command=, set GRID_COMMAND, put grid on the PATH, or work in a checkout of Prometheus.Grid", what="command", key="grid")


def _start(line: List[str]) -> subprocess.Popen[str]:
    environment: Dict[str, str] = {name: value for name, value in os.environ.items() if name not in _OTHER_STORES}
    # In a group of its own, so that an interrupt of a cell or a terminal is only its caller's.
    if os.name == "posix":
        line = ["/bin/sh", "-c", _WATCH, "sh", *line]
    return subprocess.Popen(
        line, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, encoding="utf-8", errors="replace", env=environment,
        start_new_session=True, creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0))


def _listen(process: subprocess.Popen[str], said: Deque[str], found: List[str], decided: threading.Event) -> None:
    assert process.stderr is not None
    with process.stderr as lines:
        for text in lines:
            said.append(text.rstrip())
            ready = _READY.match(text)
            if ready:
                found.append(ready[1])
                decided.set()
    decided.set()


def _stop(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    if os.name != "posix":
        process.terminate()
    try:
        process.wait(_SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        if os.name == "posix":
            os.killpg(process.pid, 9)
        process.kill()
        process.wait()


def _reason(process: subprocess.Popen[str], said: Sequence[str], line: Sequence[str]) -> GridError:
    """Why it did not start, in its own words and of the kind that its exit code stands for."""
    own = [text[len(_VOICE):] for text in said if text.startswith(_VOICE)]
    message = own[-1] if own else f"{shlex.join(line)} ended before it was ready: {' / '.join(list(said)[-3:]) or 'it said nothing'}"
    return _KINDS.get(process.returncode, GridFault)(message)
