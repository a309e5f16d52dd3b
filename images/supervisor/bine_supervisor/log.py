"""The kernel's log: segment files that only grow at the end, a quota, and what happens when the disk is full.

Nothing here waits and nothing here fails: what cannot be written is held as long as it is small and there is room, of which
half is kept for what matters, else counted in a `gap`. A reader has a position, a segment and an offset in it, and needs
nothing from the writer.
"""

from __future__ import annotations

import os
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from . import quota, wire
from .messages import lenient
from .segments import NAME, Segment, gap_record, read_segment, write_all

SEGMENT_MAX = 16 << 20
WRITE_AT_ONCE = 512
"""Buffers per writev; the system's limit is 1024."""
HELD_MAX = 4 << 20
HELD_RECORD_MAX = 16 << 10
RETRY_S = 0.25


class Pending(NamedTuple):
    seq: int
    size: int
    matters: bool
    buffers: list[bytes]


@dataclass
class Gap:
    """Records that were dropped, until the next one that is not."""

    first: int
    last: int
    bytes: int
    reason: str

    def record(self, epoch: int) -> list[bytes]:
        content = {"from": self.first, "to": self.last, "bytes": self.bytes, "reason": self.reason}
        return gap_record(content, epoch)


@dataclass(eq=False)
class Log:
    directory: str
    limit: int
    """Bytes all segments together may take."""
    executions: Callable[[], Sequence[tuple[int, int]]] = tuple
    """First and last sequence number of what each execution printed, in order; they say where the quota bites."""
    segments: list[Segment] = field(default_factory=list)
    epoch: int = 0
    head: int = 0
    held: bytearray = field(default_factory=bytearray)
    """While the disk is full: what stands behind the last segment's bytes, for readers."""
    full: str | None = None

    def __post_init__(self) -> None:
        self.segment_size = min(SEGMENT_MAX, max(64 << 10, self.limit // 32))
        self.record_max = min(wire.MAX_RECORD, self.limit // 4)
        self._pending: list[Pending] = []
        self._gap: Gap | None = None
        self._file = -1
        self._retry = 0.0
        self.last_kind: str | None = None
        """Type of the last message that was found, None in a new log."""
        self.last_session = ""
        """Session of the kernel that published last."""
        self._recover()

    @property
    def oldest(self) -> int:
        """The first record that is still kept."""
        for segment in self.segments:
            if segment.gap is None:
                return min(segment.first, self.head + 1)
        return self.head + 1

    def append(self, frames: Sequence[bytes], matters: bool = True) -> int:
        """Takes the next sequence number. It is on disk, and seen by readers, after `flush`."""
        self.head = seq = self.head + 1
        size = wire.size_of(frames)
        if size > self.record_max:
            limit = f"a message of {size} bytes is more than the log takes ({self.record_max})"
            self._drop(seq, size, limit)
            return seq
        record = Pending(seq, size, matters, wire.encode(seq, time.time_ns() // 1000, self.epoch, frames))
        if self.full is not None:
            self._hold(record)
            return seq
        self._close_gap()
        self._pending.append(record)
        return seq

    def flush(self) -> None:
        """Hands what was appended to the file system."""
        if self.full is not None:
            if time.monotonic() >= self._retry:
                self._try_again()
            return
        self._close_gap()
        try:
            self._write()
        except OSError as error:
            self._failed(error)
            pending, self._pending = self._pending, []
            for record in pending:
                self._hold(record)

    def sync(self) -> None:
        if self._file >= 0:
            os.fsync(self._file)

    def after(self, since: int) -> tuple[Segment, int]:
        """Where a reader starts that has seen everything up to `since`."""
        if since >= self.head:
            return self.end()
        at = max(0, bisect_right(self.segments, since + 1, key=lambda segment: segment.first) - 1)
        segment = self.segments[at]
        file = self.open(segment)
        if file is None:
            return segment, 0
        try:
            return segment, wire.seek(file, segment.size, since)
        finally:
            os.close(file)

    def end(self) -> tuple[Segment, int]:
        last = self.segments[-1]
        return last, last.size + len(self.held)

    def following(self, segment: Segment) -> Segment | None:
        """The next one. `segment` itself may have been dropped meanwhile."""
        at = bisect_right(self.segments, segment.first, key=lambda other: other.first)
        return self.segments[at] if at < len(self.segments) else None

    def open(self, segment: Segment) -> int | None:
        """A descriptor to read it, or None if it was dropped in this very moment."""
        try:
            return os.open(os.path.join(self.directory, segment.name), os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None

    def close(self) -> None:
        self._retry = 0.0
        self.flush()
        self.sync()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _write(self) -> None:
        while self._pending:
            active = self.segments[-1]
            if active.size >= self.segment_size:
                active = self._roll(self._pending[0].seq)
            taken, size, buffers = 0, 0, []
            for record in self._pending:
                buffers += record.buffers
                size += record.size
                taken += 1
                if len(buffers) >= WRITE_AT_ONCE or active.size + size >= self.segment_size:
                    break
            write_all(self._file, buffers, size)
            active.size += size
            active.last = self._pending[taken - 1].seq
            del self._pending[:taken]

    def _failed(self, error: OSError) -> None:
        """Takes back what was half written; from now on what is small is held, in memory."""
        os.ftruncate(self._file, self.segments[-1].size)
        self.full = os.strerror(error.errno or 0)
        self._retry = time.monotonic() + RETRY_S

    def _try_again(self) -> None:
        active = self.segments[-1]
        gap = b"" if self._gap is None else b"".join(self._gap.record(self.epoch))
        size = len(self.held) + len(gap)
        try:
            write_all(self._file, [bytes(self.held), gap], size)
        except OSError as error:
            self._failed(error)
            return
        active.size += size
        active.last = self.head
        self.full, self._gap = None, None
        self.held.clear()

    def _hold(self, record: Pending) -> None:
        room = HELD_MAX if record.matters else HELD_MAX // 2
        if record.size > HELD_RECORD_MAX or len(self.held) + record.size > room:
            self._drop(record.seq, record.size, f"the log could not be written: {self.full}")
            return
        if self._gap is not None:
            self.held += b"".join(self._gap.record(self.epoch))
            self._gap = None
        self.held += b"".join(record.buffers)

    def _drop(self, seq: int, size: int, reason: str) -> None:
        if self._gap is None:
            self._gap = Gap(seq, seq, size, reason)
        else:
            self._gap.last = seq
            self._gap.bytes += size

    def _close_gap(self) -> None:
        if self._gap is not None:
            record = self._gap.record(self.epoch)
            self._pending.append(Pending(self._gap.last, sum(map(len, record)), True, record))
            self._gap = None

    def _roll(self, first: int) -> Segment:
        name = f"log-{first:016d}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        file = os.open(os.path.join(self.directory, name), flags, 0o644)
        if self._file >= 0:
            os.close(self._file)
        self._file = file
        segment = Segment(name, first, first - 1, 0)
        self.segments.append(segment)
        quota.enforce(self.directory, self.segments, self.limit, self.executions())
        return segment

    def _recover(self) -> None:
        names = sorted(name for name in os.listdir(self.directory) if NAME.fullmatch(name))
        while names:
            name = names.pop()
            path = os.path.join(self.directory, name)
            if self._scan(path):
                names.append(name)
                break
            os.unlink(path)
        for name in names:
            self.segments.append(read_segment(self.directory, name))
        for segment, following in zip(self.segments, self.segments[1:], strict=False):
            segment.last = following.first - 1
        if self.segments:
            self.segments[-1].last = self.head
        self._roll(self.head + 1)

    def _scan(self, path: str) -> bool:
        """Cuts off what is not whole at the end of the last segment; False if nothing remains."""
        whole = 0
        with open(path, "rb") as file:
            data = memoryview(file.read())
        for record in wire.records(data):
            whole += record.size
            self.head, self.epoch = record.seq, record.epoch
            header = lenient(bytes(record.frames[1]))
            self.last_kind = header.get("msg_type")
            if record.frames[0] == b"iopub":
                self.last_session = header.get("session", "")
        if whole:
            os.truncate(path, whole)
        return whole > 0
