"""Records as they stand in the log and travel over the socket. The layout is in README.md."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple
from zlib import crc32

HEADER = struct.Struct("<IIQQIHH")
_LENGTH_AND_CRC = struct.Struct("<II")
_CALL_AND_COUNT = struct.Struct("<II")

MESSAGE = 0
CONTROL = 1

MAX_RECORD = 40 << 20
MAX_FRAMES = 4096
SEEK_CHUNK = 256 << 10


class Broken(Exception):
    """Bytes that are no record, or no message of a client."""


class Record(NamedTuple):
    seq: int
    time: int
    epoch: int
    frames: list[memoryview]
    size: int
    """Bytes it takes in the log, header included."""


def encode(seq: int, time: int, epoch: int, frames: Sequence[bytes], kind: int = MESSAGE) -> list[bytes]:
    """The record as buffers to be written one after the other; frames are not copied."""
    count = len(frames)
    lengths = [len(frame) for frame in frames]
    checked = struct.pack(f"<QQIHH{count}I", seq, time, epoch, kind, count, *lengths)
    crc = crc32(checked)
    for frame in frames:
        crc = crc32(frame, crc)
    head = _LENGTH_AND_CRC.pack(4 * count + sum(lengths), crc) + checked
    return [head, *frames]


def control(value: object) -> bytes:
    """JSON of the socket, as a record of its own."""
    return b"".join(encode(0, 0, 0, [json.dumps(value).encode()], CONTROL))


def size_of(frames: Sequence[bytes]) -> int:
    return HEADER.size + sum(len(frame) + 4 for frame in frames)


def records(data: memoryview) -> Iterator[Record]:
    """Whole, undamaged records from the start of `data`; ends without an error at the first that is not."""
    at = 0
    while at + HEADER.size <= len(data):
        length, crc, seq, time, epoch, kind, count = HEADER.unpack_from(data, at)
        end = at + HEADER.size + length
        if kind != MESSAGE or count > MAX_FRAMES or 4 * count > length or end > len(data):
            return
        if crc32(data[at + 8 : end]) != crc:
            return
        yield Record(seq, time, epoch, split(data[at + HEADER.size : end], count), end - at)
        at = end


def seek(file: int, size: int, since: int) -> int:
    """Offset of the first record after sequence number `since` in a segment, or `size` if there is none."""
    at, base, chunk = 0, 0, b""
    while at + HEADER.size <= size:
        if at + HEADER.size > base + len(chunk):
            base, chunk = at, os.pread(file, SEEK_CHUNK, at)
            if len(chunk) < HEADER.size:
                break
        length, _, seq, *_ = HEADER.unpack_from(chunk, at - base)
        if seq > since:
            break
        at += HEADER.size + length
    return min(at, size)


def split(body: memoryview, count: int) -> list[memoryview]:
    """Frames of a body that starts with their lengths."""
    lengths = struct.unpack_from(f"<{count}I", body)
    at = 4 * count
    if at + sum(lengths) != len(body):
        raise Broken("the frames do not fill the body")
    frames = []
    for length in lengths:
        frames.append(body[at : at + length])
        at += length
    return frames


def request(body: memoryview) -> tuple[int, list[bytes]]:
    """The call number and the frames of a client's request."""
    if len(body) < _CALL_AND_COUNT.size:
        raise Broken("a request without a call number")
    call, count = _CALL_AND_COUNT.unpack_from(body)
    rest = body[_CALL_AND_COUNT.size :]
    if not 5 <= count <= MAX_FRAMES or 4 * count > len(rest):
        raise Broken(f"a request of {count} frames")
    return call, [bytes(frame) for frame in split(rest, count)]
