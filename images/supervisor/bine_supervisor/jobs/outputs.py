"""The outputs of one cell, as the messages of its kernel make them. Held to `test/vectors/notebook-outputs.json`, as the clients' are."""

from __future__ import annotations

import json
import math
import re
from collections import deque
from itertools import groupby

from .sgr import Pen
from .terminal import Terminal, well_formed

JSON_TYPE = re.compile(r"application/(?:.*[+.])?json", re.IGNORECASE)
CARRIED = ("display_data", "execute_result")
MOST = 64 << 20
"""Characters that a cell may print between two other outputs; then the middle goes."""


class Printed:
    """What was printed between two other outputs."""

    def __init__(self) -> None:
        self._terminal = Terminal()
        self._head: list[tuple[str, str]] = []
        self._tail: deque[tuple[str, str]] = deque()
        self._pen: Pen = {}
        self._sizes = [0, 0]
        self._left_out = 0

    def print(self, name: str, text: str) -> None:
        self._terminal.write(name, text)
        for stream, settled, pen in self._terminal.take_settled(self._pen):
            self._settle(stream, settled)
            self._pen = pen

    def outputs(self) -> list[dict]:
        note = [("stdout", f"… {self._left_out:,} characters are left out here …\n")] if self._left_out else []
        live = [(name, text) for name, text, _ in self._terminal.rest(self._pen)]
        streams = groupby([*self._head, *note, *self._tail, *live], lambda piece: piece[0])
        whole = [(name, "".join(text for _, text in pieces)) for name, pieces in streams]
        return [{"output_type": "stream", "name": name, "text": lines_of(text)} for name, text in whole if text]

    def _settle(self, name: str, text: str) -> None:
        """How it began and how it ends are what somebody will look for."""
        if self._sizes[0] < MOST // 2:
            self._head.append((name, text))
            self._sizes[0] += len(text)
            return
        self._tail.append((name, text))
        self._sizes[1] += len(text)
        while self._sizes[1] > MOST // 2:
            size = len(self._tail.popleft()[1])
            self._sizes[1] -= size
            self._left_out += size


class Outputs:
    def __init__(self) -> None:
        self._entries: list[Printed | dict] = []
        self._clearing = False

    def all(self) -> list[dict]:
        return [output for entry in self._entries for output in (entry.outputs() if isinstance(entry, Printed) else [entry])]

    def clear(self, wait: bool) -> None:
        """`wait`: when the next output comes."""
        self._clearing = wait
        if not wait:
            self._entries = []

    def print(self, name: str, text: str) -> None:
        if not text:
            return
        self._begin()
        if not self._entries or not isinstance(self._entries[-1], Printed):
            self._entries.append(Printed())
        self._entries[-1].print(name, text)

    def add(self, output: dict) -> None:
        self._begin()
        self._entries.append(output)

    def fail(self, content: dict) -> None:
        """It failed: a cell that shows nothing must not look as if it had done nothing."""
        if not self._entries:
            self.add(error(content))

    def forgive(self, name: str) -> None:
        """Takes away errors of this name."""
        self._entries = [one for one in self._entries if isinstance(one, Printed) or one.get("ename") != name]

    def _begin(self) -> None:
        if self._clearing:
            self.clear(False)


class Displays:
    """Outputs by their display id: any cell may update those of any other."""

    def __init__(self) -> None:
        self._shown: dict[str, list[dict]] = {}

    def hear(self, outputs: Outputs, kind: str, content: dict) -> None:
        """What a kernel publishes for a cell."""
        if kind == "stream":
            outputs.print("stderr" if content.get("name") == "stderr" else "stdout", piece_of_text(content.get("text")))
        elif kind == "clear_output":
            outputs.clear(content.get("wait") is True)
        elif kind == "error":
            outputs.add(error(content))
        elif kind == "update_display_data":
            for shown in self._shown.get(display_id(content), []):
                shown.update(data=bundle(content.get("data")), metadata=metadata(content.get("metadata")))
        elif kind in CARRIED:
            output: dict = {"output_type": kind, "data": bundle(content.get("data")), "metadata": metadata(content.get("metadata"))}
            if kind == "execute_result":
                output["execution_count"] = integer(content.get("execution_count"))
            outputs.add(output)
            if display_id(content):
                self._shown.setdefault(display_id(content), []).append(output)


def error(content: dict) -> dict:
    traceback = content.get("traceback")
    lines = [text(one) for one in traceback] if isinstance(traceback, list) else [line for line in text(traceback).split("\n") if line]
    name, value = text(content.get("ename")), text(content.get("evalue"))
    if not name and not value and not lines:
        value = "The kernel did not say what failed."
    return {"output_type": "error", "ename": name or "Error", "evalue": value, "traceback": lines}


def display_id(content: dict) -> str:
    transient = content.get("transient")
    return text(transient.get("display_id")) if isinstance(transient, dict) else ""


def bundle(value: object) -> dict:
    """MIME type → text, or JSON."""
    if not isinstance(value, dict):
        return {}
    return {
        well_formed(str(mime)): clean(one) if JSON_TYPE.fullmatch(str(mime)) else stored(mime, text(one)) for mime, one in value.items()
    }


def stored(mime: str, value: str) -> str | list[str]:
    """Texts as lists of lines; base64 as it is."""
    return value if re.match("(?:image|audio|video)/", mime) and "svg" not in mime else lines_of(value)


def metadata(value: object) -> dict:
    return clean(value) if isinstance(value, dict) else {}


def clean(value):
    """As strict JSON has it: no halves of characters, no numbers that are none."""
    if isinstance(value, str):
        return well_formed(value)
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, list):
        return [clean(one) for one in value]
    if isinstance(value, dict):
        return {well_formed(str(key)): clean(one) for key, one in value.items()}
    return value


def piece_of_text(value: object) -> str:
    """A text or a list of texts; of anything else what it is as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, list):
        return "".join(map(piece_of_text, value))
    return "" if value is None else json.dumps(clean(value), separators=(",", ":"), ensure_ascii=False)


def text(value: object) -> str:
    """The same where no more of it follows."""
    return well_formed(piece_of_text(value))


def integer(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def lines_of(value: str) -> list[str]:
    return [line + "\n" for line in value.split("\n")[:-1]] + ([value.rsplit("\n", 1)[-1]] if not value.endswith("\n") and value else [])
