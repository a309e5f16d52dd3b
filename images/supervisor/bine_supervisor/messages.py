"""Messages that the supervisor writes itself, in the shape of Jupyter's."""

from __future__ import annotations

import json
import time
import uuid


def make(channel: str, kind: str, content: dict, parent: bytes = b"{}", session: str = "") -> list[bytes]:
    """Frames for the log. `parent` is a header as it was on the wire."""
    header = {
        "msg_id": uuid.uuid4().hex,
        "msg_type": kind,
        "session": session,
        "username": "bine",
        "date": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "version": "5.3",
    }
    return [channel.encode(), json.dumps(header).encode(), parent, b"{}", json.dumps(content).encode()]


class NotAMessage(Exception):
    """A request that is no Jupyter message; the text says why."""


def header_of(frames: list[bytes]) -> dict:
    """The header of a request. @raises NotAMessage"""
    header = parse(frames[1], "header")
    for name in ("msg_id", "msg_type", "session"):
        if not isinstance(header.get(name), str):
            raise NotAMessage(f"header.{name} must be a string")
    if not 0 < len(header["msg_id"]) <= 256:
        raise NotAMessage("header.msg_id must have 1 to 256 characters")
    return header


def parse(frame: bytes, name: str) -> dict:
    """@raises NotAMessage"""
    try:
        value = json.loads(frame)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise NotAMessage(f"{name} must be a JSON object")
    return value


def lenient(frame: bytes) -> dict:
    """A part of a message of a kernel, which may be anything: what is no UTF-8 in it is replaced."""
    try:
        value = json.loads(frame.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def text(value: object, longest: int) -> str | None:
    """A string of a client that may be kept."""
    return value[:longest] if isinstance(value, str) else None
