"""One loop for programs and notebooks: their pipes and sockets, signals, the time limit, a sample of their use every second."""

from __future__ import annotations

import os
import signal
import time

from .. import given, process
from . import files
from .begin import Begun
from .log import Log
from .usage import Usage

GRACE_S = 10.0
"""From being asked to end to being killed."""
TURN_S = 1.0
PRESSING_S = 0.05
FAULT = 70
"""Exit code where the runner itself has failed."""


def run(begun: Begun | None, signals: int, started: float) -> int:
    """@returns its exit code, once all is written down"""
    spec = files.read("spec.json")
    log = Log(".", spec["quota"], given.values())
    for warning in spec.get("warnings", []):
        log.note(f"Warning: {warning}")
    if os.getpid() != 1:
        process.become_subreaper()
    try:
        result = Runner(spec, log, signals).run(work_of(spec, begun, log))
    except Exception as error:
        import traceback  # a job's program waits for what is loaded

        process.kill_descendants()
        result = crash(error)
        log.note(result["error"])
        log.note("".join(traceback.format_exception(error)).rstrip())
    log.close()
    if result["error"] is not None:
        result["error"] = log.masked(result["error"])
    return finish(result, started, log.seq)


def finish(result: dict, started: float, lines: int) -> int:
    end = {**result, "started": started, "ended": time.time(), "lines": lines}
    files.insist(lambda: files.replace("result.json", end, durable=True))
    return result["exitCode"]


def crash(error: BaseException) -> dict:
    """A fault of the runner itself is the execution's cause, whatever it is."""
    from .. import reason  # a job's program waits for what is loaded

    said = reason.of_exception(type(error).__name__, str(error))
    return {"reason": None, "exitCode": FAULT, "signal": None, "outOfMemory": False, "error": f"Bine's runner failed: {said}"}


def work_of(spec: dict, begun: Begun | None, log: Log):
    """
    What runs: `start()` gives a poller with all that it reads from, `ready(item)` reads, `tick(now)` looks at the clock,
    `exited(pid, status)` tells of a child's end, `end()` asks it to end, `kill()` does not ask. It is `over` when it ended by itself and
    only what it said is still to be read, then `done`, and has its `result()`. While it is `pressing`, something is to happen soon that
    no descriptor will announce.
    """
    if begun is not None:
        from .program import Program

        return Program(begun, log)
    from .notebook import Notebook

    return Notebook(spec, log)


class Runner:
    def __init__(self, spec: dict, log: Log, signals: int) -> None:
        self._log = log
        self._signals = signals
        self._limit: int | None = spec["timeout"]
        self._usage = Usage()
        self._reason: str | None = None
        self._end_at = self._kill_at = float("inf")

    def run(self, work) -> dict:
        kills = process.Meters().out_of_memory()
        try:
            poller = work.start()
        except (OSError, ValueError) as error:
            self._log.note(f"It could not be started: {error}")
            return {"reason": None, "exitCode": 127, "signal": None, "outOfMemory": False, "error": f"It could not be started: {error}"}
        for warning in work.warnings:
            self._log.note(f"Warning: {warning}")
        poller.register(self._signals, 1)
        if self._limit is not None:
            self._end_at = time.monotonic() + self._limit
        while not work.done:
            self._turn(work, poller)
        process.kill_descendants()
        self._usage.sample()
        result = work.result()
        # Also of one that it started: what failed then failed for that.
        oom = result["exitCode"] != 0 and self._kill_at == float("inf") and process.Meters().out_of_memory() > kills
        return {"reason": self._reason, "outOfMemory": oom, "warnings": work.warnings, **result}

    def _turn(self, work, poller) -> None:
        now = time.monotonic()
        until = min(now + (PRESSING_S if work.pressing or self._log.owing else TURN_S), self._usage.due, self._end_at, self._kill_at)
        for item, _ in poller.poll(max(1, (until - now) * 1000)):
            if item == self._signals:
                self._on_signals(os.read(self._signals, 4096), work)
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

    def _on_signals(self, numbers: bytes, work) -> None:
        for pid, status in process.reap():
            work.exited(pid, status)
        if signal.SIGUSR1 in numbers:
            self._log.note(process.OVER_QUOTA)
        if (signal.SIGTERM in numbers or signal.SIGINT in numbers) and not work.over and self._reason is None:
            self._log.note("It is asked to end")
            self._end(work, "stopped")

    def _end(self, work, reason: str) -> None:
        if self._reason is not None:
            return
        self._reason = reason
        self._kill_at = time.monotonic() + GRACE_S
        work.end()
