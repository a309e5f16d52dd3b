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
    cells = None

    def __init__(self, begun: Begun, log: Log) -> None:
        self.over = self.done = False
        self._log = log
        self._pid = begun.pid
        self._pipes = begun.pipes
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
        self._log.printed(self._pipes[pipe], data)
        if not data:
            self._poller.unregister(pipe)
            del self._pipes[pipe]

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
        # The end of a traceback says what went wrong.
        error = self._log.last.get("stderr") if ended.code else None
        return {"exitCode": code, "signal": ended.signal, "error": error}

    def _signal(self, number: int) -> None:
        if self._status is None:
            # To all that it started, too, as a terminal does it.
            os.killpg(self._pid, number)
