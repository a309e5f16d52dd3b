"""The widgets that are open: each comm folded into the one `comm_open` that would bring a new client to the same point.

A widget's history is no use to anybody, and can be long; its state is short. Comms that are no widgets are opened again
without what was said on them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

KEPT_BYTES = 32 << 20
"""All folds together; the one that would exceed it is forgotten."""


@dataclass(eq=False)
class Comm:
    seq: int
    frames: list[bytes]
    content: dict
    buffers: dict[str, bytes] = field(default_factory=dict)
    size: int = 0

    def measure(self) -> None:
        self.size = len(json.dumps(self.content)) + sum(map(len, self.buffers.values()))


class Comms:
    def __init__(self) -> None:
        self._open: dict[str, Comm] = {}

    def take(self, seq: int, kind: str, frames: Sequence[bytes]) -> None:
        """A comm message in either direction, as frames for the log."""
        try:
            content = json.loads(frames[4])
            comm_id, data = content["comm_id"], content.get("data")
        except (ValueError, KeyError, TypeError):
            return
        if kind == "comm_close":
            self._open.pop(comm_id, None)
            return
        if kind == "comm_open":
            comm = self._open[comm_id] = Comm(seq, list(frames[:4]), content)
            # Whoever opened it, for the one who gets the fold the kernel did.
            comm.frames[0] = b"iopub"
        else:
            comm = self._open.get(comm_id)
            if comm is None or not isinstance(data, dict) or data.get("method") not in ("update", "echo_update"):
                return
        self._fold(comm, data, frames[5:])
        comm.measure()
        if sum(each.size for each in self._open.values()) > KEPT_BYTES:
            del self._open[comm_id]

    def clear(self) -> None:
        self._open.clear()

    def folded(self, since: int | None) -> Iterator[list[bytes]]:
        """For a client that has seen everything up to `since`: what was opened before that, as it is now."""
        for comm in self._open.values():
            if since is None or comm.seq <= since:
                data = comm.content.get("data")
                if isinstance(data, dict) and comm.buffers:
                    data["buffer_paths"] = [json.loads(path) for path in comm.buffers]
                yield [*comm.frames, json.dumps(comm.content).encode(), *comm.buffers.values()]

    def _fold(self, comm: Comm, data: object, buffers: Sequence[bytes]) -> None:
        if not isinstance(data, dict) or not isinstance(data.get("state"), dict):
            return
        changed = data["state"]
        paths = data.get("buffer_paths") or []
        whole = comm.content.setdefault("data", {}).setdefault("state", {})
        whole.update(changed)
        # A value that was replaced takes its old buffers with it.
        for path in [path for path in comm.buffers if json.loads(path)[0] in changed]:
            del comm.buffers[path]
        for path, buffer in zip(paths, buffers, strict=False):
            if isinstance(path, list) and path:
                whole.setdefault(path[0], None)
                comm.buffers.update({other: old for other, old in comm.buffers.items() if json.loads(other)[0] != path[0]})
                comm.buffers[json.dumps(path)] = buffer
