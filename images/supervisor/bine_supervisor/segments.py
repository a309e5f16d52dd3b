"""The files a log consists of."""

from __future__ import annotations

import json
import os
import re
import time
from dataclasses import dataclass

from . import wire

NAME = re.compile(r"log-([0-9]{16})")
GAP_MAX = 1024
"""A segment with nothing but a gap is smaller than this."""


@dataclass(eq=False)
class Segment:
    name: str
    first: int
    last: int
    size: int
    """Bytes on disk."""
    gap: dict | None = None
    """The content of its only record, if what was here was dropped."""


def write_all(file: int, buffers: list[bytes], size: int) -> None:
    """@raises OSError when not everything could be written."""
    written = os.writev(file, buffers)
    if written < size:
        rest = memoryview(b"".join(buffers))[written:]
        while rest:
            rest = rest[os.write(file, rest) :]


def gap_record(content: dict, epoch: int) -> list[bytes]:
    """A `gap` whose sequence number is the last one that is missing."""
    header = {
        "msg_id": f"gap-{content['from']}-{content['to']}",
        "msg_type": "gap",
        "session": "",
        "username": "bine",
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "version": "5.3",
    }
    frames = [b"supervisor", json.dumps(header).encode(), b"{}", b"{}", json.dumps(content).encode()]
    return wire.encode(content["to"], time.time_ns() // 1000, epoch, frames)


def read_segment(directory: str, name: str) -> Segment:
    path = os.path.join(directory, name)
    segment = Segment(name, int(name[4:]), 0, os.stat(path).st_size)
    if segment.size <= GAP_MAX:
        with open(path, "rb") as file:
            found = list(wire.records(memoryview(file.read())))
        if len(found) == 1 and b'"msg_type": "gap"' in bytes(found[0].frames[1]):
            segment.gap = json.loads(bytes(found[0].frames[4]))
    return segment
