"""The executions of a kernel, over its whole life: what the log says of each, found without reading the log.

One JSON object a line, the last line of an id wins. A line is written before the request goes to the kernel; the page
cache is durable enough, since it outlives this process and the container.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections import OrderedDict
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Literal

State = Literal["queued", "running", "succeeded", "failed", "aborted", "unknown"]
OPEN = ("queued", "running")

KEPT = 10_000
COMPACT_AT = 8 << 20
UNWRITTEN_MAX = 1 << 20


@dataclass(eq=False)
class Execution:
    id: str
    epoch: int
    cell: str | None
    batch: str | None
    state: State
    count: int | None
    submitted: str
    """UTC in ISO 8601 with milliseconds, as are `started` and `ended`."""
    started: str | None
    ended: str | None
    first: int
    begin: int | None
    """The head of the log when it began to run; `first` is where its request stands."""
    last: int | None
    error: dict[str, str] | None


class Journal:
    def __init__(self, directory: str) -> None:
        self._path = os.path.join(directory, "journal")
        self._unwritten: list[bytes] = []
        self._file = -1
        self._stale = False
        """The file lacks what could not be written."""
        self.executions: OrderedDict[str, Execution] = OrderedDict()
        self._read()
        self._compact()

    def add(self, execution: Execution) -> None:
        self.executions[execution.id] = execution
        self.write(execution)

    def write(self, execution: Execution) -> None:
        """Never fails: on a full disk the line waits in memory."""
        if not self._stale:
            self._unwritten.append(json.dumps(asdict(execution), separators=(",", ":")).encode() + b"\n")
        self.flush()

    def flush(self) -> None:
        if self._stale:
            self._compact()
        if not self._unwritten:
            return
        data = b"".join(self._unwritten)
        try:
            written = os.write(self._file, data)
        except OSError:
            written = 0
        # A line that is written in part is finished by the rest, later.
        rest = data[written:]
        self._unwritten = [rest] if rest else []
        self._size += written
        if len(rest) > UNWRITTEN_MAX:
            # The executions are in memory anyhow: the whole file is written anew from them as soon as there is room.
            self._unwritten, self._stale = [], True
        elif self._size > COMPACT_AT and not rest:
            self._compact()

    def spans(self) -> list[tuple[int, int]]:
        """Where in the log each execution printed, oldest first."""
        begun = [one for one in self.executions.values() if one.begin is not None]
        return sorted((one.begin or 0, one.last or 1 << 62) for one in begun)

    def close(self) -> None:
        self.flush()
        os.fsync(self._file)
        os.close(self._file)

    def _read(self) -> None:
        try:
            with open(self._path, "rb") as file:
                lines = file.read().split(b"\n")
        except FileNotFoundError:
            return
        for line in lines:
            try:
                execution = Execution(**json.loads(line))
            except (ValueError, TypeError):
                continue  # the line that a crash tore
            self.executions[execution.id] = execution

    def _compact(self) -> None:
        """Writes the file anew with one line for each of the latest executions."""
        while len(self.executions) > KEPT:
            self.executions.popitem(last=False)
        lines = [json.dumps(asdict(one), separators=(",", ":")) + "\n" for one in self.executions.values()]
        data = "".join(lines).encode()
        temporary = self._path + ".new"
        try:
            with open(temporary, "wb") as file:
                file.write(data)
            os.replace(temporary, self._path)
            self._size, self._stale = len(data), False
            self._unwritten.clear()
        except OSError:
            self._size = 0  # on a full disk the old one will do
            with contextlib.suppress(OSError):
                os.unlink(temporary)
        if self._file >= 0:
            os.close(self._file)
        self._file = os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW, 0o644)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
