"""The queue of a kernel: what runs, what waits, and what becomes of it.

The kernel gets one cell at a time. Were the queue in the kernel, a failing cell would abort what has arrived there by
chance at that moment, and an interrupt between two cells would be lost; here both are exact.
"""

from __future__ import annotations

import json
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

from .journal import OPEN, Execution, Journal, now
from .log import Log
from .messages import make, parse, text

Frames = list[bytes]

LOST_AFTER_S = 10.0
"""An execution of which one half of the end is missing for so long, with nothing else arriving, has ended all the same."""
BATCHES_KEPT = 1000


@dataclass(eq=False)
class Running:
    execution: Execution
    frames: list[bytes]
    stops_others: bool
    silent: bool = False
    reply: str | None = None
    """Status of its execute_reply."""
    idle: bool = False
    half_done: float = 0.0


class Executions:
    def __init__(
        self, log: Log, journal: Journal, send: Callable[[list[bytes]], None], masked: Callable[[list[bytes]], list[bytes]]
    ) -> None:
        self._log = log
        self._journal = journal
        self._send = send
        self._masked = masked
        """What can be written down of a request."""
        self._queue: deque[Running] = deque()
        self._current: Running | None = None
        """Has the kernel's main shell to itself until it has replied."""
        self._running: dict[str, Running] = {}
        """Handed to the kernel and not ended, the current one among them."""
        self._batches: OrderedDict[str, None] = OrderedDict()
        self.ready = False
        """Whether the kernel takes requests."""
        self.session = ""

    @property
    def busy(self) -> bool:
        return bool(self._queue or self._running)

    @property
    def beginning(self) -> bool:
        """The kernel has been handed a cell and has not said that it runs: an interrupt would be lost."""
        return self._current is not None and self._current.execution.state == "queued"

    def list(self) -> list[Execution]:
        return list(self._journal.executions.values())

    def known(self, msg_id: str) -> bool:
        return msg_id in self._journal.executions

    def submit(self, frames: list[bytes], header: dict) -> None:
        """@raises NotAMessage"""
        content, metadata = parse(frames[4], "content"), parse(frames[3], "metadata")
        silent = bool(content.get("silent", False))
        stops_others = bool(content.get("stop_on_error", True)) and not silent
        execution = Execution(
            id=header["msg_id"],
            epoch=self._log.epoch,
            cell=text(metadata.get("cellId"), 1024),
            batch=text(metadata.get("batch"), 256),
            state="queued",
            count=None,
            submitted=now(),
            started=None,
            ended=None,
            first=self._log.append(self._masked(frames)),
            begin=None,
            last=None,
            error=None,
        )
        self._journal.add(execution)
        if stops_others:
            # Stopping the others is ours to do; the kernel would also stop what comes right after.
            frames = [*frames[:4], json.dumps({**content, "stop_on_error": False}).encode(), *frames[5:]]
        running = Running(execution, frames, stops_others, silent)
        if execution.batch is not None and execution.batch in self._batches:
            self._abort(running)
        elif header.get("subshell_id") is not None and self.ready:
            self._hand_over(running)
        else:
            self._queue.append(running)
            self.advance()

    def advance(self) -> None:
        """Hands over the next one if the kernel is free."""
        if self.ready and self._current is None and self._queue:
            self._current = self._queue.popleft()
            self._hand_over(self._current)

    def busy_with(self, parent: str) -> None:
        """The kernel took a request. Cells that are not silent say better when they begin."""
        running = self._running.get(parent)
        if running is not None and running.silent:
            self.started(parent, None)

    def started(self, parent: str, count: int | None) -> None:
        running = self._running.get(parent)
        if running is None or running.execution.state != "queued":
            return
        execution = running.execution
        execution.state, execution.started, execution.begin = "running", now(), self._log.head
        execution.count = count
        self._journal.write(execution)

    def replied(self, parent: str, content: dict) -> None:
        running = self._running.get(parent)
        if running is None or running.reply is not None:
            return
        status = str(content.get("status"))
        running.reply, running.half_done = status, time.monotonic()
        execution = running.execution
        if isinstance(content.get("execution_count"), int):
            execution.count = content["execution_count"]
        if status == "error":
            name, value = content.get("ename"), content.get("evalue")
            execution.error = {"name": text(name, 256) or "Error", "value": text(value, 4096) or ""}
        if status != "ok" and running.stops_others:
            self.abort_queue(running)
        if running.idle:
            self._end(running)
        if running is self._current:
            self._current = None
            self.advance()

    def idle(self, parent: str) -> None:
        running = self._running.get(parent)
        if running is None:
            return
        running.idle, running.half_done = True, time.monotonic()
        if running.reply is not None:
            self._end(running)

    def abort_queue(self, failed: Running | None = None) -> None:
        """Aborts all that waits, and what is still to come of the same batches."""
        failed = failed or self._current
        if failed is not None:
            self._remember(failed.execution.batch)
        while self._queue:
            running = self._queue.popleft()
            self._remember(running.execution.batch)
            self._abort(running)

    def tick(self, quiet_since: float) -> None:
        """Ends those of which the kernel forgot a half. `quiet_since`: when it last said anything."""
        moment = time.monotonic()
        for running in list(self._running.values()):
            if running.half_done and moment - max(running.half_done, quiet_since) > LOST_AFTER_S:
                if running.reply is None:
                    content = {
                        "status": "error",
                        "ename": "NoReply",
                        "evalue": "the kernel did not reply",
                        "traceback": [],
                    }
                    self._say(running, "shell", "execute_reply", content)
                    self.replied(running.execution.id, content)
                else:
                    self._say(running, "iopub", "status", {"execution_state": "idle"})
                    self._end(running)

    def kernel_ended(self, cause: str | None) -> None:
        """What ran is over: for this cause, or because somebody wished so. What was queued then is aborted already."""
        self.ready = False
        if cause is not None:
            self.abort_queue()
        for running in list(self._running.values()):
            if cause is not None:
                self._fail(running, cause)
            else:
                self._abort(running)
        self._current = None

    def recover(self, cause: str) -> None:
        """After a crash of the supervisor: what ran is unknown, what waited is not sent again."""
        for execution in self.list():
            if execution.state in OPEN:
                ran = execution.state == "running"
                header = json.dumps({"msg_id": execution.id, "msg_type": "execute_request", "session": self.session})
                running = Running(execution, [b"shell", header.encode()], False)
                if ran:
                    self._fail(running, cause)
                    execution.state = "unknown"
                    self._journal.write(execution)
                else:
                    self._abort(running)

    def _hand_over(self, running: Running) -> None:
        self._running[running.execution.id] = running
        self._send(running.frames)

    def warn(self, text: str) -> None:
        """Says it in the outputs of what runs, and in the log where nothing does."""
        content = {"name": "stderr", "text": text}
        begun = [running for running in self._running.values() if running.execution.state == "running"]
        for running in begun:
            self._say(running, "iopub", "stream", content)
        if not begun:
            self._log.append(make("iopub", "stream", content))

    def _remember(self, batch: str | None) -> None:
        if batch is not None:
            self._batches[batch] = None
            if len(self._batches) > BATCHES_KEPT:
                self._batches.popitem(last=False)

    def _abort(self, running: Running) -> None:
        running.reply = "aborted"
        self._say(running, "shell", "execute_reply", {"status": "aborted"})
        self._say(running, "iopub", "status", {"execution_state": "idle"})
        self._end(running)

    def _fail(self, running: Running, cause: str) -> None:
        if running.execution.state == "queued":
            # It was handed over, and what the kernel said of its beginning died with the kernel.
            self._say(running, "iopub", "status", {"execution_state": "busy"})
            self.started(running.execution.id, None)
        error = {"ename": "KernelDied", "evalue": cause, "traceback": [f"\x1b[0;31mKernelDied\x1b[0m: {cause}"]}
        self._say(running, "iopub", "error", error)
        if running.reply is None:
            running.reply = "error"
            running.execution.error = {"name": "KernelDied", "value": cause}
            self._say(running, "shell", "execute_reply", {"status": "error", **error})
        self._say(running, "iopub", "status", {"execution_state": "idle"})
        self._end(running)

    def _say(self, running: Running, channel: str, kind: str, content: dict) -> None:
        self._log.append(make(channel, kind, content, running.frames[1], self.session))

    def _end(self, running: Running) -> None:
        execution = running.execution
        self._running.pop(execution.id, None)
        by_status = {"ok": "succeeded", "error": "failed"}
        execution.state = by_status.get(running.reply or "", "aborted")  # type: ignore[assignment]
        execution.ended, execution.last = now(), self._log.head
        self._journal.write(execution)
