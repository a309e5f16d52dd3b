"""The life of a kernel: started, ready, interrupted, restarted, ended by itself or on purpose, and why."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

import zmq

from . import process
from .executions import Executions
from .kernel import Kernel, Spec
from .log import Log
from .messages import make

ASK_AGAIN_S = 0.25
START_S = 120.0
RESTART_S = 2.0
SHUTDOWN_S = 5.0
DRAIN_S = 0.03
"""After its end, so long nothing more may arrive from a kernel before its end is recorded."""
BEGIN_S = 1.0
"""So long an interrupt waits for a cell that is just being handed over."""

Answer = Callable[[str | None], None]
"""Tells who asked that it is done, or why it could not be done."""


@dataclass(eq=False)
class Life:
    spec: Spec
    context: zmq.Context
    poller: zmq.Poller
    log: Log
    executions: Executions
    meters: process.Meters
    on_end: Callable[[], None]
    """What was true of a kernel process is true no more."""
    state: Literal["starting", "alive", "restarting", "dead"] = "starting"
    cause: str | None = None
    kernel: Kernel | None = None
    done: bool = False
    heard_at: float = 0.0
    _answered: bool = False
    _subscribed: bool = False
    _ask_at: float = 0.0
    _kill_at: float = 0.0
    _interrupt_by: float = 0.0
    _exit: int | None = None
    _wanted: Literal["restart", "stop", "end"] | None = None
    _answers: list[Answer] = field(default_factory=list)
    _unsent: list[list[bytes]] = field(default_factory=list)
    """Requests of the time before the kernel was ready."""
    _oom_kills: int = 0

    @property
    def pressing(self) -> bool:
        """Something is to happen soon that no descriptor will announce."""
        return bool(self.state in ("starting", "restarting") or self._wanted or self._exit is not None or self._interrupt_by)

    def start(self) -> None:
        self._answered = self._subscribed = False
        self._exit, self._wanted, self.cause = None, None, None
        self._oom_kills = self.meters.out_of_memory()
        self.log.epoch += 1
        self.log.append(make("supervisor", "started", {"epoch": self.log.epoch}))
        try:
            self.kernel = Kernel(self.context, self.spec)
        except OSError as error:
            reason = f"{self.spec.argv[0]}: {error.strerror or error}"
            self._record_end(f"The kernel could not be started: {reason}", process.Exit(None, None), False)
            self._die()
            return
        for socket in self.kernel.sockets:
            self.poller.register(socket, zmq.POLLIN)
        self.poller.register(self.kernel.voice, zmq.POLLIN)
        now = self.heard_at = time.monotonic()
        self._kill_at = now + START_S
        self._ask(now)

    def send(self, frames: list[bytes]) -> None:
        """To the kernel, or to the next one as soon as it is ready."""
        if self.kernel is not None and self.executions.ready:
            self.kernel.send(frames)
        else:
            self._unsent.append(frames)

    def heard(self, channel: bytes, kind: str) -> None:
        """A message of a kernel that is not ready yet: it is once it answers and we hear what it publishes."""
        self._subscribed = self._subscribed or channel == b"iopub"
        self._answered = self._answered or kind == "kernel_info_reply"
        if self._answered and self._subscribed and not self._wanted and self.state != "dead":
            self.state, self.executions.ready, self._kill_at = "alive", True, 0.0
            unsent, self._unsent = self._unsent, []
            for frames in unsent:
                self.send(frames)
            self.executions.advance()
            self._answer(None)

    def interrupt(self) -> None:
        """Aborts what waits and interrupts what runs; what is just being handed over, once it has begun."""
        self.executions.abort_queue()
        if self.executions.beginning:
            self._interrupt_by = time.monotonic() + BEGIN_S
        else:
            self._interrupt()

    def restart(self, answer: Answer) -> None:
        self._answers.append(answer)
        if self._wanted == "restart":
            return
        if self.kernel is None:
            self.state = "restarting"
            self.start()
            return
        self.state = "restarting"
        self._end("restart", RESTART_S)

    def stop(self, answer: Answer | None = None) -> None:
        if answer is not None:
            self._answers.append(answer)
        if self.kernel is None:
            self.done = True
            self._answer(None)
        elif self._wanted != "stop":
            self._end("stop", SHUTDOWN_S)

    def expect_end(self) -> None:
        """A client told the kernel itself to end."""
        self._wanted = self._wanted or "end"

    def exited(self, status: int) -> None:
        self._exit = status
        self.heard_at = time.monotonic()

    def tick(self, now: float) -> None:
        if self._exit is not None:
            if now - self.heard_at > DRAIN_S:
                self._finish()
            return
        if self.kernel is None:
            return
        if self.state in ("starting", "restarting") and self._answered and not self._subscribed and now > self._ask_at:
            self._ask(now)
        if self._kill_at and now > self._kill_at:
            self._kill_at = 0.0
            self.kernel.signal(signal.SIGKILL)
        if self._interrupt_by and (now > self._interrupt_by or not self.executions.beginning):
            self._interrupt_by = 0.0
            self._interrupt()

    def _ask(self, now: float) -> None:
        assert self.kernel is not None
        self._ask_at = now + ASK_AGAIN_S
        self.log.append(self.kernel.ask(b"shell", "kernel_info_request", {}))

    def _interrupt(self) -> None:
        if self.kernel is None:
            return
        if self.spec.interrupt_by_message:
            self.log.append(self.kernel.ask(b"control", "interrupt_request", {}))
        else:
            self.kernel.signal(signal.SIGINT)

    def _end(self, wanted: Literal["restart", "stop"], patience: float) -> None:
        assert self.kernel is not None
        busy = self.executions.busy
        self._wanted = wanted
        self.executions.abort_queue()
        self.executions.ready = False
        self._unsent.clear()
        self._kill_at = time.monotonic() + (patience if self._answered else 0)
        if busy:
            self._interrupt()
        self.log.append(self.kernel.ask(b"control", "shutdown_request", {"restart": wanted == "restart"}))

    def _finish(self) -> None:
        """The process has ended and everything it said is in the log."""
        kernel, status, wanted = self.kernel, self._exit, self._wanted
        assert kernel is not None and status is not None
        for frames in kernel.masked.rest():
            self.log.append(frames)
        ended = process.describe_exit(status)
        oom = wanted is None and ended.signal == "SIGKILL" and self.meters.out_of_memory() > self._oom_kills
        self._record_end(self._explain(ended, oom, wanted), ended, oom)
        for socket in kernel.sockets:
            self.poller.unregister(socket)
        if kernel.voice in self.poller:
            self.poller.unregister(kernel.voice)
        kernel.close()
        process.kill_descendants()
        self.kernel, self._exit, self._kill_at, self._interrupt_by = None, None, 0.0, 0.0
        if wanted == "restart":
            self.start()
        elif wanted == "stop":
            self.done = True
            self._answer(None)
        else:
            self._die()

    def _record_end(self, cause: str, ended: process.Exit, oom: bool) -> None:
        expected = self._wanted is not None
        self.cause = cause
        self.executions.kernel_ended(None if expected else cause)
        self.on_end()
        content = {
            "epoch": self.log.epoch,
            "cause": cause,
            "exit_code": ended.code,
            "signal": ended.signal,
            "oom": oom,
            "expected": expected,
        }
        self.log.append(make("supervisor", "ended", content))

    def _die(self) -> None:
        self.state, self._wanted = "dead", None
        self._unsent.clear()
        self._answer(self.cause)

    def _answer(self, problem: str | None) -> None:
        answers, self._answers = self._answers, []
        for answer in answers:
            answer(problem)

    def _explain(self, ended: process.Exit, oom: bool, wanted: str | None) -> str:
        if wanted is not None:
            return {"restart": "It was restarted", "stop": "It was shut down", "end": "A client shut it down"}[wanted]
        if oom:
            limit = self.meters.limit()
            of = f" of {limit / (1 << 30):.1f} GiB" if limit else ""
            return f"The kernel was killed because it used more memory than its limit{of}; start it with more, or load less at once"
        how = f"was killed by {ended.signal}" if ended.signal else f"exited with code {ended.code}"
        said = self.kernel.said(ended.signal) if self.kernel is not None else ""
        if self.state != "alive":
            return f"The kernel {how} before it was ready" + (f": {said}" if said else "")
        return f"The kernel {how}" + (f": {said}" if said and ended.signal else "")
