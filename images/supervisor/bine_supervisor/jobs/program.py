"""A program that was started, its stdout and stderr through a pipe each."""

from __future__ import annotations

import os
import select
import signal
import time

from .. import process
from .begin import Begun
from .log import Log

READ = 64 << 10
DRAIN_S = 2.0
"""What is left in the pipes when the program and all that it started are gone is read within this time."""


class Program:
    warnings: tuple[str, ...] = ()

    def __init__(self, begun: Begun, log: Log) -> None:
        self.over = self.done = False
        self._log = log
        self._pid = begun.pid
        self._pipes = begun.pipes
        self._mark = begun.mark
        self._record = begun.record
        self._held = b""
        """The end of what stderr said, if the mark may begin there."""
        self._last_words: list[str] | None = None
        """Lines of stderr when the program ended, without what came after that."""
        self._status: int | None = None
        self._drained_by = float("inf")

    @property
    def pressing(self) -> bool:
        return self.over

    def start(self) -> select.poll:
        self._poller = select.poll()
        for pipe in self._pipes:
            self._poller.register(pipe, select.POLLIN)
        return self._poller

    def ready(self, pipe: int) -> None:
        try:
            data = os.read(pipe, READ)
        except BlockingIOError:
            return
        stream = self._pipes[pipe]
        if stream == "stderr" and self._last_words is None:
            self._listen_for_end(data)
        else:
            self._log.printed(stream, data)
        if not data:
            self._poller.unregister(pipe)
            del self._pipes[pipe]

    def _listen_for_end(self, data: bytes) -> None:
        """stderr until the mark, which is not the program's."""
        text = self._held + data
        before, mark, after = text.partition(self._mark)
        self._held = b""
        if not mark and data:
            kept = begun(text, self._mark)
            before, self._held = text[: len(text) - kept], text[len(text) - kept :]
        if before:
            self._log.printed("stderr", before)
        if mark:
            self._last_words = self._log.tails["stderr"].lines()
        if after or not data:
            self._log.printed("stderr", after)

    def tick(self, moment: float) -> None:
        self.done = self._status is not None and (not self._pipes or moment > self._drained_by)

    def exited(self, pid: int, status: int) -> None:
        if pid != self._pid:
            return
        self._status, self.over = status, True
        self._drained_by = time.monotonic() + DRAIN_S
        # What it left behind would hold the pipes open for as long as it lives, which ends with us anyhow.
        process.kill_descendants()

    def end(self) -> None:
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        self._signal(signal.SIGKILL)

    def result(self) -> dict:
        assert self._status is not None
        ended = process.describe_exit(self._status)
        code = ended.code if ended.code is not None else 128 - os.waitstatus_to_exitcode(self._status)
        return {"exitCode": code, "signal": ended.signal, "error": self._reason(ended)}

    def _reason(self, ended: process.Exit) -> str | None:
        if ended.code == 0:
            return None
        from .. import reason  # a job's program waits for what is loaded

        lines = self._last_words or self._log.tails["stderr"].lines()
        if ended.signal:
            return reason.of_signal(lines)
        # Python ends with 1 for an exception; with another code it was told to, and what it has caught before was not the reason.
        record = reason.read_record(self._record, self._log.masked) if ended.code == 1 else None
        return reason.of_program(record, lines) or reason.in_stdout(self._log.tails["stdout"].lines())

    def _signal(self, number: int) -> None:
        if self._status is None:
            # To all that it started, too, as a terminal does it.
            os.killpg(self._pid, number)


def begun(text: bytes, mark: bytes) -> int:
    """How many bytes at the end of `text` may be the beginning of `mark`."""
    at = text.rfind(mark[:1], max(0, len(text) - len(mark) + 1))
    while at >= 0:
        if mark.startswith(text[at:]):
            return len(text) - at
        at = text.rfind(mark[:1], max(0, len(text) - len(mark) + 1), at)
    return 0
