"""The Unix socket: clients that read the log, each an offset in it, and clients that control the kernel.

No client can slow down another or the kernel: nothing here blocks, an attached client costs no memory however far
behind it is, and a control client that does not read its answers is dropped.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
from collections import deque
from typing import Protocol

import zmq

from . import wire
from .log import Log
from .segments import Segment

SOCKET = "supervisor.sock"
CLIENTS_MAX = 256
AT_ONCE = 4 << 20
"""Bytes for one client before the kernel and the others get their turn."""
READ_AT_ONCE = 1 << 20
UNREAD_MAX = 32 << 20
REQUEST_MAX = wire.MAX_RECORD
_LENGTH = struct.Struct("<I")
JSON = 1
REQUEST = 2


class Handler(Protocol):
    """What the supervisor does for clients."""

    def prelude(self, since: int | None) -> list[bytes]:
        """Records that an attaching client gets before the log."""
        ...

    def state(self) -> dict: ...

    def call(self, client: Client, call: int, do: str) -> None: ...

    def request(self, client: Client, call: int, frames: list[bytes]) -> None: ...


class Client:
    """One connection; `segment` is where an attached one reads, None for a control client."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self.attached = False
        self.control = False
        self.closed = False
        self._out: deque[memoryview] = deque()
        self._unread = 0
        self._in = bytearray()
        self._segment: Segment | None = None
        self._file = -1
        self._offset = 0

    def attach(self, log: Log, since: int | None, prelude: list[bytes]) -> None:
        self.attached = True
        self._segment, self._offset = log.end() if since is None else log.after(since)
        for data in prelude:
            self._out.append(memoryview(data))

    def tell(self, value: object) -> None:
        data = memoryview(wire.control(value))
        self._unread += len(data)
        self._out.append(data)
        if self._unread > UNREAD_MAX:
            self.closed = True

    def behind(self, log: Log) -> bool:
        """Whether there is something to send."""
        return bool(self._out) or (self.attached and (self._segment, self._offset) != log.end())

    def send(self, log: Log) -> None:
        """Sends what the other side takes now, within the share of one client."""
        left = AT_ONCE
        try:
            while self._out:
                sent = self.socket.send(self._out[0])
                self._unread -= sent
                if sent == len(self._out[0]):
                    self._out.popleft()
                else:
                    self._out[0] = self._out[0][sent:]
            while self.attached and left > 0:
                sent = self._send_log(log, left)
                if sent == 0:
                    break
                left -= sent
        except BlockingIOError:
            pass
        except OSError:
            self.closed = True

    def receive(self) -> list[tuple[int, memoryview]]:
        """Whole messages that have arrived. @raises wire.Broken"""
        try:
            data = self.socket.recv(READ_AT_ONCE)
        except BlockingIOError:
            return []
        except OSError:
            data = b""
        if not data:
            self.closed = True
            return []
        self._in += data
        messages = []
        at = 0
        while at + 5 <= len(self._in):
            (length,) = _LENGTH.unpack_from(self._in, at)
            if not 1 <= length <= REQUEST_MAX:
                raise wire.Broken(f"a message of {length} bytes")
            if at + 4 + length > len(self._in):
                break
            body = bytes(self._in[at + 5 : at + 4 + length])
            messages.append((self._in[at + 4], memoryview(body)))
            at += 4 + length
        del self._in[:at]
        return messages

    def close(self) -> None:
        self.closed = True
        self.socket.close()
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _send_log(self, log: Log, at_most: int) -> int:
        """Bytes sent; 0 at the end of the log."""
        segment = self._segment
        assert segment is not None
        last = segment is log.segments[-1]
        if self._offset < segment.size:
            if self._file < 0 and not self._open(log, segment):
                return 1
            sent = os.sendfile(self.socket.fileno(), self._file, self._offset, min(at_most, segment.size - self._offset))
            if sent == 0:
                raise OSError("a segment of the log was cut")
        elif last:
            if not log.held:
                return 0
            with memoryview(log.held) as held, held[self._offset - segment.size :] as rest:
                sent = self.socket.send(rest) if rest else 0
        else:
            self._move(log.following(segment))
            return 1
        self._offset += sent
        return sent

    def _open(self, log: Log, segment: Segment) -> bool:
        file = log.open(segment)
        if file is None:
            self._move(log.following(segment))
            return False
        self._file = file
        return True

    def _move(self, segment: Segment | None) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1
        if segment is None:
            raise OSError("the log has no end")
        self._segment, self._offset = segment, 0


class Clients:
    def __init__(self, directory: str, log: Log, poller: zmq.Poller, handler: Handler) -> None:
        self._log = log
        self._poller = poller
        self._handler = handler
        self._path = os.path.join(directory, SOCKET)
        self._by_file: dict[int, Client] = {}
        self._listener = listen(directory)
        poller.register(self._listener.fileno(), zmq.POLLIN)

    def ready(self, file: int, events: int) -> None:
        """What the poller says of a descriptor; not all of them are ours."""
        if file == self._listener.fileno():
            self._accept()
            return
        client = self._by_file.get(file)
        if client is None:
            return
        if events & zmq.POLLIN:
            self._read(client)
        elif events & zmq.POLLERR:
            client.closed = True

    def serve(self) -> None:
        """After everything else of a turn: sends, and asks the poller to say when those who are behind can take more."""
        for file, client in list(self._by_file.items()):
            if not client.closed and client.behind(self._log):
                client.send(self._log)
            if client.closed:
                del self._by_file[file]
                self._poller.unregister(file)
                client.close()
                continue
            behind = zmq.POLLOUT if client.behind(self._log) else 0
            self._poller.register(file, zmq.POLLIN | behind)

    def tell(self, value: object) -> None:
        """To all who control."""
        for client in self._by_file.values():
            if client.control:
                client.tell(value)

    @property
    def controlled(self) -> bool:
        return any(client.control for client in self._by_file.values())

    def waiting(self) -> bool:
        """Whether somebody has not read everything yet."""
        return any(client.behind(self._log) for client in self._by_file.values())

    def close(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._path)
        self._listener.close()
        for client in self._by_file.values():
            client.close()

    def _accept(self) -> None:
        try:
            connection, _ = self._listener.accept()
        except OSError:
            return
        if len(self._by_file) >= CLIENTS_MAX:
            connection.close()
            return
        connection.setblocking(False)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 20)
        self._by_file[connection.fileno()] = Client(connection)
        self._poller.register(connection.fileno(), zmq.POLLIN)

    def _read(self, client: Client) -> None:
        try:
            for kind, body in client.receive():
                if kind == REQUEST and client.control:
                    self._handler.request(client, *wire.request(body))
                elif kind == JSON:
                    self._order(client, json.loads(bytes(body)))
                else:
                    raise wire.Broken(f"a message of kind {kind}")
        except (wire.Broken, ValueError, struct.error):
            client.closed = True

    def _order(self, client: Client, order: object) -> None:
        match order:
            case {"call": int(call), "do": str(do)} if client.control:
                self._handler.call(client, call, do)
            case {"control": True} if not client.attached:
                client.control = True
                client.tell({"state": self._handler.state()})
            case {"attach": True} if not client.control and not client.attached:
                since = order.get("since")
                if since is not None and not (isinstance(since, int) and since >= 0):
                    raise wire.Broken("since is no sequence number")
                client.attach(self._log, since, self._handler.prelude(since))
            case _:
                raise wire.Broken("an order that is not known")


def listen(directory: str) -> socket.socket:
    """The socket appears under its name once it answers. Bound by a short name, since those of sockets are limited."""
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    here = os.open(directory, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        temporary = f"/proc/self/fd/{here}/{SOCKET}.new"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        listener.bind(temporary)
        os.chmod(temporary, 0o600)
        listener.listen(64)
        listener.setblocking(False)
        os.rename(temporary, os.path.join(directory, SOCKET))
    finally:
        os.close(here)
    return listener
