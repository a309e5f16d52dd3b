"""One kernel process and our end of its sockets. It knows nothing of the log or of clients."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import os
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import zmq

from . import COMMANDS, given, process, reason
from .masked_messages import Messages

DELIMITER = b"<IDS|MSG>"
IDENTITY = b"bine-supervisor"
LAUNCHER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "launcher.py")
TALK_KEPT = 4096
CHANNELS = ((b"shell", zmq.DEALER), (b"iopub", zmq.SUB), (b"stdin", zmq.DEALER), (b"control", zmq.DEALER))
RECONNECT_MS = 5
QUEUE = 64
"""Messages that may wait for us to write them; then the kernel's publisher waits."""


@dataclass(frozen=True)
class Spec:
    """How a kernel is started: `argv` has {connection_file} where its path belongs."""

    argv: list[str]
    env: dict[str, str]
    interrupt_by_message: bool
    publisher_waits: bool
    """Its publisher waits when we are slow. One that drops instead must never find us slow."""
    cwd: str | None


def ipython(python: str, cwd: str | None, as_job: bool = False) -> Spec:
    """@param as_job `exit` ends it with a code, as it ends a program"""
    # What a cell runs with `!` is first looked for beside its Python.
    path = os.pathsep.join([os.path.dirname(python), os.environ.get("PATH", os.defpath), COMMANDS])
    # The debugger would say at every start that it cannot stop in modules frozen into Python.
    env = {"PATH": path, "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    how = ["--job"] if as_job else []
    return Spec([python, LAUNCHER, *how, "-f", "{connection_file}"], env, False, True, cwd)


def read_spec(path: str, cwd: str | None) -> Spec:
    """@raises ValueError if it is no kernel.json."""
    with open(path) as file:
        spec = json.load(file)
    argv, env = spec.get("argv"), spec.get("env", {})
    if not isinstance(argv, list) or not argv or not isinstance(env, dict):
        raise ValueError(f"{path} has no argv")
    return Spec(argv, env, spec.get("interrupt_mode") == "message", False, cwd)


class Kernel:
    """Sockets are polled by the caller: `sockets` maps each to its channel."""

    def __init__(self, context: zmq.Context, spec: Spec) -> None:
        self.spec = spec
        self._folder = tempfile.mkdtemp(prefix="bine-")
        self._key = uuid.uuid4().hex.encode()
        self._hmac = hmac.new(self._key, digestmod=hashlib.sha256)
        self._session = uuid.uuid4().hex
        self._talk = b""
        self.masked = Messages(given.values())
        self.pid = self._start()
        self.sockets: dict[zmq.Socket, bytes] = {}
        self._by_channel: dict[bytes, zmq.Socket] = {}
        for port, (channel, kind) in enumerate(CHANNELS, 1):
            socket = context.socket(kind)
            socket.linger = 0
            socket.reconnect_ivl = RECONNECT_MS
            if kind == zmq.SUB:
                socket.rcvhwm = QUEUE if spec.publisher_waits else 0
                socket.subscribe(b"")
            else:
                socket.identity = IDENTITY
                socket.sndhwm = socket.rcvhwm = 0
            socket.connect(f"ipc://{self._folder}/k-{port}")
            self.sockets[socket] = channel
            self._by_channel[channel] = socket

    def send(self, frames: Sequence[bytes]) -> None:
        """Signs and sends [channel, header, parent_header, metadata, content, …buffers]."""
        digest = self._hmac.copy()
        for frame in frames[1:5]:
            digest.update(frame)
        signature = digest.hexdigest().encode()
        self._by_channel[frames[0]].send_multipart([DELIMITER, signature, *frames[1:]], copy=len(frames) < 6)

    def ask(self, channel: bytes, kind: str, content: dict) -> list[bytes]:
        """Sends a request of our own; returns its frames for the log."""
        header = {
            "msg_id": uuid.uuid4().hex,
            "msg_type": kind,
            "session": self._session,
            "username": "bine",
            "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "version": "5.3",
        }
        frames = [channel, json.dumps(header).encode(), b"{}", b"{}", json.dumps(content).encode()]
        self.send(frames)
        return frames

    def receive(self, socket: zmq.Socket, at_most: int) -> Iterator[list[bytes]]:
        """What has arrived, as frames for the log. Signatures are not checked: the sockets are in a private folder, and
        whoever can write there is the kernel or could as well read its key."""
        channel = self.sockets[socket]
        for _ in range(at_most):
            try:
                parts = socket.recv_multipart(zmq.NOBLOCK)
            except zmq.Again:
                return
            try:
                at = parts.index(DELIMITER)
            except ValueError:
                continue
            if len(parts) >= at + 6:
                yield from self.masked.take([channel, *parts[at + 2 :]])

    def signal(self, number: int) -> None:
        """To the kernel and what it started, as a terminal does it."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def hear(self) -> bool:
        """Keeps the end of what the process says. False once nobody can say anything any more."""
        try:
            said = os.read(self.voice, 65536)
        except BlockingIOError:
            return True
        self._talk = (self._talk + said)[-TALK_KEPT:]
        return bool(said)

    def said(self, ended_by: str | None) -> str:
        """What the process wrote to its real stdout and stderr of its end. @param ended_by a signal, if it was one"""
        lines = self.masked.text(self._talk.decode(errors="replace")).splitlines()
        return (reason.of_signal(lines) if ended_by else None) or reason.in_output(lines) or ""

    def close(self) -> None:
        self.signal(signal.SIGKILL)
        for socket in self.sockets:
            socket.close()
        os.close(self.voice)
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> int:
        path = os.path.join(self._folder, "connection.json")
        ports = {f"{name}_port": port for port, name in enumerate(("shell", "iopub", "stdin", "control", "hb"), 1)}
        connection = {"transport": "ipc", "ip": f"{self._folder}/k", "key": self._key.decode(), "signature_scheme": "hmac-sha256"}
        with open(path, "w", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            json.dump({**connection, **ports}, file)
        secrets = given.environment()
        argv = [word.replace("{connection_file}", path) for word in self.spec.argv]
        me = os.getpid()
        self.voice, theirs = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
        os.set_blocking(theirs, True)
        try:
            child = subprocess.Popen(
                argv,
                cwd=self.spec.cwd,
                env={**os.environb, **_bytes(self.spec.env), b"JPY_PARENT_PID": str(me).encode(), **secrets},
                stdin=subprocess.DEVNULL,
                stdout=theirs,
                stderr=theirs,
                start_new_session=True,
                preexec_fn=lambda: process.prepare_child(me),
            )
        finally:
            os.close(theirs)
        # We reap all children ourselves; Popen must not wait for this one.
        child.returncode = 0
        return child.pid


def _bytes(env: dict[str, str]) -> dict[bytes, bytes]:
    return {os.fsencode(name): os.fsencode(value) for name, value in env.items()}
