"""One loop for programs and notebooks: their pipes and sockets, signals, the time limit, a sample of their use every second."""

from __future__ import annotations

import signal
import socket
import time
from typing import Protocol

from .. import process
from .log import Log
from .usage import Usage

GRACE_S = 10.0
"""From being asked to end to being killed."""
TURN_S = 1.0
PRESSING_S = 0.05


class Work(Protocol):
    over: bool
    """It ended by itself; only what it said is still to be read."""
    done: bool
    pressing: bool
    """Something is to happen soon that no descriptor will announce."""

    def start(self) -> object:
        """Starts it and returns a poller with all that it reads from. @raises OSError"""

    def ready(self, item: object) -> None:
        """There is something to read."""

    def tick(self, moment: float) -> None: ...

    def exited(self, pid: int, status: int) -> None: ...

    def end(self) -> None:
        """Asks it to end."""

    def kill(self) -> None: ...

    def result(self) -> dict:
        """`exitCode`, `signal` and `error`, once it is done."""


class Runner:
    def __init__(self, spec: dict, log: Log, signals: socket.socket) -> None:
        self._log = log
        self._signals = signals
        self._limit: int | None = spec["timeout"]
        self._usage = Usage()
        self._reason: str | None = None
        self._end_at = self._kill_at = float("inf")

    def run(self, work: Work) -> dict:
        kills = process.Meters().out_of_memory()
        try:
            poller = work.start()
        except (OSError, ValueError) as error:
            self._log.note(f"It could not be started: {error}")
            return {"reason": None, "exitCode": 127, "signal": None, "outOfMemory": False, "error": f"It could not be started: {error}"}
        poller.register(self._signals.fileno(), 1)
        if self._limit is not None:
            self._end_at = time.monotonic() + self._limit
        while not work.done:
            self._turn(work, poller)
        process.kill_descendants()
        self._usage.sample()
        result = work.result()
        oom = result["signal"] == "SIGKILL" and self._kill_at == float("inf") and process.Meters().out_of_memory() > kills
        return {"reason": self._reason, "outOfMemory": oom, **result}

    def _turn(self, work: Work, poller) -> None:
        now = time.monotonic()
        until = min(now + (PRESSING_S if work.pressing else TURN_S), self._usage.due, self._end_at, self._kill_at)
        for item, _ in poller.poll(max(1, (until - now) * 1000)):
            if item == self._signals.fileno():
                self._on_signals(self._signals.recv(4096), work)
            else:
                work.ready(item)
        now = time.monotonic()
        if now >= self._end_at and not work.over:
            self._end_at = float("inf")
            self._log.note(f"Its time limit of {self._limit} s is over: it is asked to end")
            self._end(work, "timed-out")
        if now >= self._kill_at:
            self._kill_at = now + GRACE_S
            self._log.note(f"It did not end within {GRACE_S:.0f} s: it is killed")
            work.kill()
        self._usage.tick(now)
        work.tick(now)
        self._log.flush()

    def _on_signals(self, numbers: bytes, work: Work) -> None:
        for pid, status in process.reap():
            work.exited(pid, status)
        if (signal.SIGTERM in numbers or signal.SIGINT in numbers) and not work.over and self._reason is None:
            self._log.note("It is asked to end")
            self._end(work, "stopped")

    def _end(self, work: Work, reason: str) -> None:
        if self._reason is not None:
            return
        self._reason = reason
        self._kill_at = time.monotonic() + GRACE_S
        work.end()
