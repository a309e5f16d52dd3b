"""What a program printed, as lines of JSON in segments; what was written is there whatever dies next.

When the log has its fill, the middle goes: how it began and how it ends are what somebody will look for."""

from __future__ import annotations

import codecs
import errno
import os
import time
from collections import deque
from collections.abc import Sequence
from json.encoder import encode_basestring

from . import files

SEGMENT = 8 << 20
TOGETHER = 32
"""So many lines that were printed at one moment share a record."""
RETRY_S = 1.0
HELD = 4 << 20
"""Bytes that wait in memory while the disk is full; what comes then is lost, and counted."""
JOIN_S = 0.1
"""So long the beginning of a line waits for the rest of it."""
LONGEST = 64 << 10
TAIL_LINES = 400
TAIL_LINE = 4096


class Tail:
    """The last lines of a stream, whole however they came."""

    def __init__(self) -> None:
        self._lines: deque[str] = deque(maxlen=TAIL_LINES)
        self._open = ""

    def add(self, text: str) -> None:
        *lines, last = (self._open + text).rsplit("\n", TAIL_LINES)
        # The first of so many is all that stood before.
        self._lines.extend(line[:TAIL_LINE] for line in lines[-(TAIL_LINES - 1) :])
        self._open = last[-TAIL_LINE:]

    def lines(self) -> list[str]:
        return [*self._lines, *([self._open] if self._open else [])]


class Unmasked:
    """Of a job without secrets."""

    def mask(self, text: str) -> str:
        return text

    def rest(self) -> str:
        return ""

    text = mask


def _masking(secrets: Sequence[bytes]):
    """@returns the patterns of the secrets, and what makes a masker of a stream"""
    if not secrets:
        return Unmasked(), Unmasked
    from ..masking import Masker, Patterns  # a job's program waits for what is loaded, and most have no secrets

    patterns = Patterns(secrets)
    return patterns, lambda: Masker(patterns)


class Log:
    def __init__(self, directory: str, quota: int, secrets: Sequence[bytes] = ()) -> None:
        self.seq = 0
        self._patterns, masker = _masking(secrets)
        self._maskers = {stream: masker() for stream in ("stdout", "stderr")}
        self.tails = {stream: Tail() for stream in ("stdout", "stderr")}
        self._directory = directory
        self._quota = quota
        self._segments: list[tuple[str, int]] = []
        self._file = -1
        self._size = 0
        self._pending: list[bytes] = []
        self._first = 1
        """Of the pending records."""
        self._decoders = {stream: codecs.getincrementaldecoder("utf-8")("replace") for stream in ("stdout", "stderr")}
        self._begun: dict[str, tuple[float, str]] = {}
        """Of each stream, a line that has no end yet and since when."""
        self._lost = 0
        self._retry_at = 0.0

    @property
    def owing(self) -> bool:
        """There is something to write as soon as it has waited long enough."""
        return bool(self._begun)

    def printed(self, stream: str, data: bytes) -> None:
        """What came out of a pipe; nothing at its end."""
        self.say(stream, self._decoders[stream].decode(data, final=not data))
        if not data:
            self.settle(stream)
            self._finish(stream)

    def say(self, stream: str, text: str) -> None:
        """What a program said, which may go on in what it says next."""
        self._add(stream, self._maskers[stream].mask(text))

    def settle(self, stream: str) -> None:
        """What was said last does not go on."""
        self._add(stream, self._maskers[stream].rest())

    def masked(self, text: str) -> str:
        """Without secrets, as all that is written here."""
        return self._patterns.text(text)

    def _add(self, stream: str, text: str) -> None:
        if not text:
            return
        for other in list(self._begun):
            if other != stream:
                self._finish(other)
        moment = round(time.time(), 6)
        since, begun = self._begun.pop(stream, (moment, ""))
        lines = (begun + text).split("\n")
        if stream in self.tails:
            self.tails[stream].add(text)
        last = lines.pop()
        step = 1 if len(lines) <= TOGETHER else TOGETHER
        for at in range(0, len(lines), step):
            self._append(moment, stream, "\n".join(lines[at : at + step]) + "\n")
        if last:
            self._begun[stream] = (moment if lines else since, last)
            if len(last) > LONGEST:
                self._finish(stream)

    def note(self, text: str) -> None:
        """Our own words."""
        for stream in self._maskers:
            self.settle(stream)
        self._add("system", self.masked(text) + "\n")

    def flush(self) -> None:
        now = time.time()
        for stream, (since, _) in list(self._begun.items()):
            if now - since > JOIN_S:
                self._finish(stream)
        if not self._pending:
            return
        if time.monotonic() < self._retry_at:
            self._hold()
            return
        data = b"".join(self._pending)
        try:
            self._write(data)
        except OSError as error:
            # Full, most likely. A program that waits for room for its log may wait for ever: it goes on, and we say what is missing.
            print(f"the log cannot be written: {error}", flush=True)
            self._retry_at = time.monotonic() + RETRY_S
            self._roll()
            self._hold()
            return
        self._pending = []
        if self._lost:
            lost, self._lost = self._lost, 0
            self.note(f"{lost} records are missing here: they could not be written")
            self.flush()

    def close(self) -> None:
        for stream in self._maskers:
            self.settle(stream)
        for stream in list(self._begun):
            self._finish(stream)
        files.insist(self._write_all)
        self._roll()

    def _write_all(self) -> None:
        self._retry_at = 0.0
        self.flush()
        if self._pending:
            raise OSError(errno.ENOSPC, "the log cannot be written")
        if self._file >= 0:
            os.fsync(self._file)

    def _finish(self, stream: str) -> None:
        moment, text = self._begun.pop(stream, (0.0, ""))
        if text:
            self._append(moment, stream, text)

    def _hold(self) -> None:
        size = 0
        for at, record in enumerate(self._pending):
            size += len(record)
            if size > HELD:
                self._lost += len(self._pending) - at
                del self._pending[at:]
                return

    def _append(self, moment: float, stream: str, text: str) -> None:
        self.seq += 1
        if not self._pending:
            self._first = self.seq
        # By hand: it is what a program that prints a lot waits for.
        record = f'{{"seq":{self.seq},"time":{moment},"stream":"{stream}","text":{encode_basestring(text)}}}\n'
        self._pending.append(record.encode("utf-8", "replace"))

    def _write(self, data: bytes) -> None:
        if self._file < 0:
            name = f"log-{self._first:016d}"
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
            self._file = os.open(os.path.join(self._directory, name), flags, 0o644)
            self._segments.append((name, 0))
        written = 0
        while written < len(data):
            written += os.write(self._file, data[written:])
        self._size += len(data)
        if self._size >= SEGMENT:
            self._roll()
            self._make_room()

    def _roll(self) -> None:
        """The next record begins a new segment."""
        if self._file < 0:
            return
        os.close(self._file)
        self._segments[-1] = (self._segments[-1][0], self._size)
        self._file, self._size = -1, 0

    def _make_room(self) -> None:
        while len(self._segments) > 2 and sum(size for _, size in self._segments) > self._quota:
            kept = index = 0
            while index < len(self._segments) - 2 and kept + self._segments[index][1] <= self._quota // 2:
                kept += self._segments[index][1]
                index += 1
            name, _ = self._segments.pop(index)
            os.unlink(os.path.join(self._directory, name))
