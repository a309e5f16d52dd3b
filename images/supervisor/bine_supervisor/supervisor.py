"""One loop: polls the kernel's sockets, the clients and the signals; each turn ends by writing the log and serving it."""

from __future__ import annotations

import contextlib
import signal
import socket
import time
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import asdict
from typing import NamedTuple

import zmq

from . import process, wire
from .clients import Client, Clients
from .comms import Comms
from .executions import Executions
from .journal import Journal
from .kernel import Spec
from .life import Life
from .log import Log
from .messages import NotAMessage, header_of, lenient, make, parse
from .pulse import Pulse

TURN_MESSAGES = 1000
TURN_BYTES = 8 << 20
"""From one socket of the kernel before the others and the clients get their turn."""
FAREWELL_S = 1.0
SEEN_KEPT = 10_000
STREAM = b'"msg_type": "stream"'
STREAM_WITHIN = 200
COMMS = ("comm_open", "comm_msg", "comm_close")


class Refused(Exception):
    """The kernel cannot take a request now."""


class Question(NamedTuple):
    """An `input_request` that waits for an answer."""

    seq: int
    id: str
    execution: str
    secret: bool
    frames: list[bytes]


class Supervisor:
    def __init__(self, directory: str, spec: Spec, quota: int) -> None:
        self._poller = zmq.Poller()
        self._journal = Journal(directory)
        self._log = Log(directory, quota, self._journal.spans)
        self._executions = Executions(self._log, self._journal, self._forward, self._masked)
        self._comms = Comms()
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._question: Question | None = None
        meters = process.Meters()
        self._life = Life(spec, zmq.Context(), self._poller, self._log, self._executions, meters, on_end=self._forget_kernel)
        self._pulse = Pulse(self._log, self._life, self._executions, meters)
        self._clients = Clients(directory, self._log, self._poller, self)

    def run(self) -> None:
        """Until somebody wants it to end."""
        process.become_subreaper()
        with caught_signals() as signals:
            self._poller.register(signals.fileno(), zmq.POLLIN)
            self._recover()
            self._life.start()
            farewell = 0.0
            while not farewell or (self._clients.waiting() and time.monotonic() < farewell):
                self._turn(signals)
                if self._life.done and not farewell:
                    farewell = time.monotonic() + FAREWELL_S
        self._clients.close()
        self._journal.close()
        self._log.close()

    def _turn(self, signals: socket.socket) -> None:
        for item, events in self._poller.poll(self._timeout()):
            if not isinstance(item, int):
                self._hear(item)
            elif item == signals.fileno():
                self._on_signals(signals.recv(4096))
            elif self._life.kernel is not None and item == self._life.kernel.voice:
                if not self._life.kernel.hear():
                    self._poller.unregister(item)
            else:
                self._clients.ready(item, events)
        moment = time.monotonic()
        self._life.tick(moment)
        self._executions.tick(self._life.heard_at)
        self._journal.flush()
        self._log.flush()
        if self._clients.controlled:
            for state in self._pulse.due(moment):
                self._clients.tell({"state": state})
        self._clients.serve()

    def _timeout(self) -> int:
        """Milliseconds."""
        if self._life.pressing:
            return 5
        return 50 if self._executions.busy or self._log.full is not None or self._pulse.owing else 1000

    def _on_signals(self, numbers: bytes) -> None:
        if signal.SIGTERM in numbers or signal.SIGINT in numbers:
            self._life.stop()
        if signal.SIGUSR1 in numbers:
            self._executions.warn(process.OVER_QUOTA + "\n")
        for pid, status in process.reap():
            if self._life.kernel is not None and pid == self._life.kernel.pid:
                self._life.exited(status)

    # What the kernel says.

    def _hear(self, source: zmq.Socket) -> None:
        kernel = self._life.kernel
        if kernel is None or source not in kernel.sockets:
            return
        self._life.heard_at = time.monotonic()
        self._pulse.active()
        taken = 0
        for frames in kernel.receive(source, TURN_MESSAGES):
            if frames[0] == b"iopub" and frames[1].find(STREAM, 0, STREAM_WITHIN) >= 0:
                # The one that comes in masses, and that nothing depends on.
                self._log.append(frames, matters=False)
            else:
                self._take(frames)
            taken += sum(map(len, frames))
            if taken > TURN_BYTES:
                break

    def _take(self, frames: list[bytes]) -> None:
        seq = self._log.append(frames)
        header = lenient(frames[1])
        kind, parent = str(header.get("msg_type")), str(lenient(frames[2]).get("msg_id"))
        channel = frames[0]
        if not self._executions.ready:
            self._life.heard(channel, kind)
        if channel == b"iopub":
            self._executions.session = self._executions.session or header.get("session", "")
            self._published(seq, kind, parent, frames)
        elif kind == "execute_reply":
            self._executions.replied(parent, lenient(frames[4]))
        elif kind == "input_request":
            secret = bool(lenient(frames[4]).get("password"))
            self._question = Question(seq, header.get("msg_id", ""), parent, secret, frames)

    def _published(self, seq: int, kind: str, parent: str, frames: list[bytes]) -> None:
        if kind == "status":
            state = lenient(frames[4]).get("execution_state")
            self._pulse.status = str(state)
            if state == "busy":
                self._executions.busy_with(parent)
            elif state == "idle":
                self._executions.idle(parent)
                if self._question is not None and self._question.execution == parent:
                    self._question = None
        elif kind == "execute_input":
            count = lenient(frames[4]).get("execution_count")
            self._executions.started(parent, count if isinstance(count, int) else None)
        elif kind in COMMS:
            self._comms.take(seq, kind, frames)

    def _forget_kernel(self) -> None:
        self._comms.clear()
        self._question = None
        self._executions.session = ""
        self._pulse.status = "idle"

    # What clients want.

    def prelude(self, since: int | None) -> list[bytes]:
        log = self._log
        content = {"head": log.head, "oldest": log.oldest, "epoch": log.epoch, "state": self._pulse.state()}
        messages = [make("supervisor", "attached", content), *self._comms.folded(since)]
        question = self._question
        if question is not None and (since is None or question.seq <= since):
            messages.append(question.frames)
        moment = time.time_ns() // 1000
        return [b"".join(wire.encode(0, moment, log.epoch, frames)) for frames in messages]

    def state(self) -> dict:
        return self._pulse.all()

    def call(self, client: Client, call: int, do: str) -> None:
        def answer(problem: str | None) -> None:
            if problem is None:
                client.tell({"call": call, "result": None})
            else:
                client.tell({"call": call, "error": {"code": "conflict", "detail": problem}})

        if do == "executions":
            client.tell({"call": call, "result": [asdict(one) for one in self._executions.list()]})
        elif do == "interrupt":
            self._life.interrupt()
            answer(None)
        elif do == "restart":
            self._life.restart(answer)
        elif do == "shutdown":
            self._life.stop(answer)
        else:
            answer(f"The supervisor does not know how to {do}")

    def request(self, client: Client, call: int, frames: list[bytes]) -> None:
        try:
            self._route(frames)
        except NotAMessage as problem:
            client.tell({"call": call, "error": {"code": "invalid", "detail": f"Not a Jupyter message: {problem}"}})
        except Refused as problem:
            client.tell({"call": call, "error": {"code": "conflict", "detail": str(problem)}})
        else:
            client.tell({"call": call, "result": None})

    def _route(self, frames: list[bytes]) -> None:
        channel = frames[0]
        if channel not in (b"shell", b"control", b"stdin"):
            raise NotAMessage("the channel must be shell, control or stdin")
        header = header_of(frames)
        msg_id, kind = header["msg_id"], header["msg_type"]
        if msg_id in self._seen or self._executions.known(msg_id):
            return
        if self._life.state == "dead" or self._life.done:
            raise Refused(f"{self._life.cause or 'The kernel has ended'}. Restart it to go on")
        if channel == b"shell" and kind == "execute_request":
            self._executions.submit(frames, header)
        elif channel == b"stdin":
            self._answer(frames)
        else:
            self._pass_on(kind, frames)
        self._pulse.active()
        self._seen[msg_id] = None
        if len(self._seen) > SEEN_KEPT:
            self._seen.popitem(last=False)

    def _pass_on(self, kind: str, frames: list[bytes]) -> None:
        masked = self._masked(frames)
        seq = self._log.append(masked)
        if kind in COMMS:
            self._comms.take(seq, kind, masked)
        elif kind == "interrupt_request":
            self._executions.abort_queue()
        elif kind == "shutdown_request":
            self._life.expect_end()
        self._forward(frames)

    def _answer(self, frames: list[bytes]) -> None:
        """The first answer to a question wins; later ones, and answers to nothing, are dropped."""
        question = self._question
        asked = parse(frames[2], "parent_header").get("msg_id")
        parse(frames[4], "content")
        if question is None or asked not in (None, question.id):
            return
        self._question = None
        logged = [*frames[:4], b'{"value": ""}'] if question.secret else frames
        self._log.append(self._masked(logged))
        self._log.append(make("supervisor", "answered", {"request": question.id}))
        self._forward(frames)

    def _masked(self, frames: list[bytes]) -> list[bytes]:
        kernel = self._life.kernel
        return frames if kernel is None else kernel.masked.whole(frames)

    def _forward(self, frames: list[bytes]) -> None:
        self._life.send(frames)

    def _recover(self) -> None:
        """Says in the log how the last supervisor left it, if it did not do so itself."""
        if self._log.last_kind in (None, "ended"):
            return
        cause = "The kernel was lost with its supervisor: the container was killed"
        self._executions.session = self._log.last_session
        self._executions.recover(cause)
        content = {"epoch": self._log.epoch, "cause": cause, "exit_code": None, "signal": None, "oom": False}
        self._log.append(make("supervisor", "ended", {**content, "expected": False}))
        self._executions.session = ""


@contextlib.contextmanager
def caught_signals() -> Iterator[socket.socket]:
    """A socket on which the numbers of arriving signals can be read."""
    ours, theirs = socket.socketpair()
    for end in (ours, theirs):
        end.setblocking(False)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, lambda *_: None)
    signal.set_wakeup_fd(theirs.fileno(), warn_on_full_buffer=False)
    try:
        yield ours
    finally:
        signal.set_wakeup_fd(-1)
        ours.close()
        theirs.close()
