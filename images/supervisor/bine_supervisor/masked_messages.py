"""Messages of a kernel without the secrets that it was given. What it prints comes in pieces, so the end of one may wait for the next."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

from .masking import Masker, Patterns
from .messages import lenient

METADATA, CONTENT, BUFFERS = 3, 4, 5
STREAMS = ("stdout", "stderr")


class Messages:
    def __init__(self, values: Sequence[bytes]) -> None:
        self._patterns = Patterns(values)
        self._streams = {name: Masker(self._patterns) for name in STREAMS}
        self._last: dict[str, list[bytes]] = {}
        """Of each stream that holds something back, the message that this is of."""

    def take(self, frames: list[bytes]) -> Iterator[list[bytes]]:
        """[channel, header, parent_header, metadata, content, …buffers] as it can be written down, after what was held back before it."""
        if not self._patterns:
            yield frames
            return
        content = lenient(frames[CONTENT])
        header = lenient(frames[1])
        name, text = content.get("name"), content.get("text")
        if frames[0] != b"iopub" or header.get("msg_type") != "stream" or name not in STREAMS or not isinstance(text, str):
            if frames[0] != b"shell":
                yield from self.rest()
            yield self.whole(frames)
            return
        last = self._last.get(name)
        if last is not None and lenient(last[2]).get("msg_id") != lenient(frames[2]).get("msg_id"):
            # Another cell's: nothing goes on there.
            yield from self._rest_of(name)
        self._last[name] = frames
        said = self._streams[name].mask(text)
        if said:
            yield _stream(frames, name, said)

    def rest(self) -> Iterator[list[bytes]]:
        """What was held back."""
        for name in list(self._last):
            yield from self._rest_of(name)

    def whole(self, frames: list[bytes]) -> list[bytes]:
        """A message that does not go on in another one."""
        if not self._patterns:
            return frames
        parts = [self._json(frame) for frame in frames[METADATA:BUFFERS]]
        return [*frames[:METADATA], *parts, *map(self._patterns.data, frames[BUFFERS:])]

    def text(self, text: str) -> str:
        return self._patterns.text(text)

    def _rest_of(self, name: str) -> Iterator[list[bytes]]:
        frames = self._last.pop(name)
        said = self._streams[name].rest()
        if said:
            yield _stream(frames, name, said)

    def _json(self, frame: bytes) -> bytes:
        try:
            value = json.loads(frame)
        except ValueError:
            return self._patterns.text(frame.decode(errors="replace")).encode()
        masked = self._patterns.tree(value)
        return frame if masked == value else json.dumps(masked).encode()


def _stream(frames: list[bytes], name: str, text: str) -> list[bytes]:
    return [*frames[:CONTENT], json.dumps({"name": name, "text": text}).encode()]
