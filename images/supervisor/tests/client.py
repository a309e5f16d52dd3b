"""A client of a supervisor, for tests: blocking, one connection each."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import time
import uuid
from collections.abc import Callable, Iterator
from typing import NamedTuple

from bine_supervisor import wire

PATIENCE_S = 60


class Message(NamedTuple):
    seq: int
    channel: str
    header: dict
    parent: dict
    metadata: dict
    content: dict
    buffers: list[bytes]

    @property
    def kind(self) -> str:
        return self.header["msg_type"]


class Connection:
    def __init__(self, directory: str, hello: dict) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(PATIENCE_S)
        # The address of a socket is short, a temporary folder's may not be.
        try:
            with folder(directory) as here:
                self.socket.connect(f"/proc/self/fd/{here}/supervisor.sock")
        except OSError:
            self.socket.close()
            raise
        self._file = self.socket.makefile("rb", buffering=1 << 20)
        self.send(1, json.dumps(hello).encode())

    def send(self, kind: int, body: bytes) -> None:
        self.socket.sendall(struct.pack("<IB", len(body) + 1, kind) + body)

    def record(self) -> tuple[int, int, list[bytes]] | None:
        """Sequence number, kind and frames; None at the end."""
        head = self._file.read(wire.HEADER.size)
        if len(head) < wire.HEADER.size:
            return None
        length, crc, seq, _, _, kind, count = wire.HEADER.unpack(head)
        body = self._file.read(length)
        if len(body) < length:
            return None
        assert wire.crc32(head[8:] + body) == crc
        return seq, kind, [bytes(frame) for frame in wire.split(memoryview(body), count)]

    def close(self) -> None:
        self._file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class Attached(Connection):
    def __init__(self, directory: str, since: int | None = None) -> None:
        super().__init__(directory, {"attach": True} if since is None else {"attach": True, "since": since})

    def __iter__(self) -> Iterator[Message]:
        while (record := self.record()) is not None:
            yield message(record[0], record[2])

    def until(self, wanted: Callable[[Message], object]) -> list[Message]:
        """Everything up to and with the first message that is wanted."""
        found = []
        for each in self:
            found.append(each)
            if wanted(each):
                return found
        raise AssertionError(f"not found in {[(one.channel, one.kind, one.content) for one in found][-10:]}")

    def ended(self, msg_id: str) -> list[Message]:
        """Everything until both the reply and the idle of an execution were there."""
        halves = set()

        def both(one: Message) -> bool:
            if one.parent.get("msg_id") == msg_id:
                if one.kind == "execute_reply":
                    halves.add("reply")
                if one.kind == "status" and one.content["execution_state"] == "idle":
                    halves.add("idle")
            return len(halves) == 2

        return self.until(both)


class Control(Connection):
    def __init__(self, directory: str) -> None:
        super().__init__(directory, {"control": True})
        self._calls = 0
        self.states: list[dict] = [self._read()["state"]]

    def call(self, do: str) -> object:
        self._calls += 1
        self.send(1, json.dumps({"call": self._calls, "do": do}).encode())
        return self._answer(self._calls)

    def request(self, frames: list[bytes]) -> object:
        self._calls += 1
        lengths = struct.pack(f"<II{len(frames)}I", self._calls, len(frames), *map(len, frames))
        self.send(2, lengths + b"".join(frames))
        return self._answer(self._calls)

    def execute(self, code: str, msg_id: str | None = None, *, metadata: dict | None = None, **content: object) -> str:
        msg_id = msg_id or uuid.uuid4().hex
        whole = {"code": code, "silent": False, "store_history": True, "allow_stdin": True, "stop_on_error": True, **content}
        self.request(frames("shell", "execute_request", whole, msg_id=msg_id, metadata=metadata))
        return msg_id

    def until(self, state: str) -> dict:
        """Waits for a push."""
        deadline = time.monotonic() + PATIENCE_S
        while self.states[-1]["state"] != state:
            assert time.monotonic() < deadline
            told = self._read()
            if "state" in told:
                self.states.append(told["state"])
        return self.states[-1]

    def _answer(self, call: int) -> object:
        while True:
            told = self._read()
            if "state" in told:
                self.states.append(told["state"])
            elif told.get("call") == call:
                if "error" in told:
                    raise Refused(told["error"])
                return told["result"]

    def _read(self) -> dict:
        record = self.record()
        if record is None:
            raise ConnectionError("the supervisor has gone")
        return json.loads(record[2][0])


class Refused(Exception):
    pass


@contextlib.contextmanager
def folder(directory: str) -> Iterator[int]:
    here = os.open(directory, os.O_PATH)
    try:
        yield here
    finally:
        os.close(here)


def message(seq: int, parts: list[bytes]) -> Message:
    return Message(seq, parts[0].decode(), *(json.loads(part) for part in parts[1:5]), parts[5:])


def frames(
    channel: str, kind: str, content: dict, *, msg_id: str | None = None, metadata: dict | None = None, parent: dict | None = None
) -> list[bytes]:
    header = {"msg_id": msg_id or uuid.uuid4().hex, "msg_type": kind, "session": "client", "username": "test", "date": "", "version": "5.3"}
    return [channel.encode(), *(json.dumps(part).encode() for part in (header, parent or {}, metadata or {}, content))]


def printed(messages: list[Message], name: str = "stdout") -> str:
    return "".join(one.content["text"] for one in messages if one.kind == "stream" and one.content["name"] == name)
