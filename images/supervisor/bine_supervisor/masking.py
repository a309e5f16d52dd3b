"""Replaces secrets by `***` in what a program says, before it is written anywhere.

A secret is found as it is, line by line, and as base64, hexadecimal digits, URL, JSON, HTML and Python write it, also where it arrives in
pieces. The same holds for the passwords and keys in a secret that is JSON, settings (NAME=VALUE or NAME: VALUE) or a URL. Each text is read
a bounded number of times, however long it and the secrets are. It keeps programs from showing secrets by accident; one that means to can
always say them in another way. What counts as a password or key is held to `test/vectors/masking.json`, as in the gateway's masking of
builds."""

from __future__ import annotations

import base64
import heapq
import html
import json
import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from urllib.parse import quote, quote_plus, unquote

MASK = "***"
LEAST = 6
"""Characters. Shorter ones would turn ordinary output into asterisks."""
PIECE = 256
"""Longer ones are looked for in pieces, so that little has to be held back while it is not known how it goes on."""
FEW = 64
"""So many patterns are looked for one by one; of more, only those of which the beginning is somewhere in the text."""

ESCAPE = re.compile("%[0-9A-F]{2}")
SECRET_NAME = re.compile("key|secret|token|pass|pwd|credential|auth(?!or)", re.IGNORECASE)
"""Of a field of JSON or a setting whose value is secret by itself."""
PLAIN_NAME = re.compile("(?:ur[il]|endpoint|host|type|name|user|e?mail)s?$", re.IGNORECASE)
"""Of one that is not, even if the name has such a word or stands among secrets."""
LONGEST_NAME = 100
SETTINGS = re.compile(r"[;&?]|\s(?=[\w.-]+=)")
"""Between several settings in one line, as in connection strings and URLs."""
SEPARATOR = re.compile(r"=|:\s")
PASSWORD = re.compile(r"[a-z]://(?:[^/\s:@]*:([^/\s@]+)|([^/\s:@]{20,}))@", re.IGNORECASE)
"""A password in a URL, or a token in place of the user's name."""


class Masker:
    """For one stream of text: `mask` gives what can be said so far, `rest` what was held back."""

    def __init__(self, patterns: Patterns) -> None:
        self._patterns = patterns
        self._held = ""
        self._masked = False
        """The last that was given is a mask: what is masked right after it is the same one."""

    def mask(self, text: str) -> str:
        if not self._patterns:
            return text
        return self._take(self._held + text, self._patterns.open_ends)

    def rest(self) -> str:
        """There will be no more."""
        if not self._held:
            self._masked = False
            return ""
        said = self._take(self._held, lambda _: [])
        self._masked = False
        return said

    def _take(self, text: str, open_ends) -> str:
        ends = open_ends(text)
        at, said = 0, []
        for start, end in self._patterns.matches(text):
            if start < at:
                continue
            hold = _first(ends, at)
            if hold is not None and hold <= start:
                break
            if start > at:
                said.append(text[at:start])
                self._masked = False
            if not self._masked:
                said.append(MASK)
                self._masked = True
            at = end
        hold = _first(ends, at)
        stop = len(text) if hold is None else hold
        if stop > at:
            said.append(text[at:stop])
            self._masked = False
        self._held = text[stop:]
        return "".join(said)


class Patterns:
    """The forms in which the secrets may turn up."""

    def __init__(self, values: Sequence[bytes]) -> None:
        forms = {form for value in values if len(value) >= LEAST for form in _forms(value) if len(form) >= LEAST}
        self._all = sorted(piece for form in forms for piece in _pieces(form))
        self._longest = max(map(len, self._all), default=0)
        self._firsts = {pattern[0] for pattern in self._all}
        self._by_beginning: dict[str, list[str]] = defaultdict(list)
        for pattern in self._all:
            self._by_beginning[pattern[:LEAST]].append(pattern)
        self._raw = [value for value in values if len(value) >= LEAST]

    def __bool__(self) -> bool:
        return bool(self._all)

    def text(self, text: str) -> str:
        """Of a text that is whole."""
        if not self._all:
            return text
        masker = Masker(self)
        return masker.mask(text) + masker.rest()

    def tree(self, value):
        """Of all texts in what JSON can hold."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self.tree(one) for one in value]
        if isinstance(value, dict):
            return {self.text(name): self.tree(one) for name, one in value.items()}
        return value

    def data(self, data: bytes) -> bytes:
        """Of bytes, of which the length stays as it is."""
        for value in self._raw:
            data = bytes(data).replace(value, b"*" * len(value))
        return data

    def matches(self, text: str) -> Iterator[tuple[int, int]]:
        """Where they begin and end, by where they begin, at one place the longest first; they may overlap."""
        next_ones: list[tuple[int, int, str]] = []
        for pattern in self._candidates(text):
            start = text.find(pattern)
            if start >= 0:
                next_ones.append((start, -len(pattern), pattern))
        heapq.heapify(next_ones)
        at = 0
        while next_ones:
            start, size, pattern = next_ones[0]
            if start >= at:
                yield start, start - size
                at = start - size
            # What lies within the one that was just found is of no interest.
            following = text.find(pattern, max(at, start + 1))
            if following < 0:
                heapq.heappop(next_ones)
            else:
                heapq.heapreplace(next_ones, (following, size, pattern))

    def open_ends(self, text: str) -> list[int]:
        """From where on the text may be the beginning of one, by what follows."""
        ends = []
        for start in range(max(0, len(text) - self._longest + 1), len(text)):
            if text[start] in self._firsts:
                end = text[start:]
                # In order, what begins with it comes right after it.
                at = bisect_right(self._all, end)
                if at < len(self._all) and self._all[at].startswith(end):
                    ends.append(start)
        return ends

    def _candidates(self, text: str) -> list[str]:
        if len(self._all) <= FEW:
            return self._all
        there = {text[at : at + LEAST] for at in range(len(text) - LEAST + 1)}
        return [pattern for beginning in there & self._by_beginning.keys() for pattern in self._by_beginning[beginning]]


def _first(ends: list[int], at: int) -> int | None:
    return next((end for end in ends if end >= at), None)


def _pieces(form: str) -> Iterator[str]:
    """Of at most PIECE characters, but for the last, which is never too short to be looked for."""
    while len(form) >= PIECE + LEAST:
        yield form[:PIECE]
        form = form[PIECE:]
    yield form


def _forms(value: bytes) -> Iterator[str]:
    text = value.decode("utf-8", "replace")
    if text.replace("\ufffd", "") == "":
        yield from _encoded(value)
        return
    secrets = {text.strip(), *_parts(text)}
    for one in (value, *(secret.encode("utf-8", "replace") for secret in secrets)):
        if len(one) >= LEAST:
            yield from _encoded(one)
    whole = secrets | {text}
    parts = whole | {line.strip() for one in whole for line in one.splitlines()}
    for part in (part for part in parts if len(part) >= LEAST):
        yield part
        for url in (quote(part, safe=""), quote(part), quote_plus(part)):
            yield from (url, ESCAPE.sub(lambda escape: escape[0].lower(), url))
        yield from (json.dumps(part)[1:-1], json.dumps(part, ensure_ascii=False)[1:-1], repr(part)[1:-1])
        yield from (html.escape(part), html.escape(part, quote=False))


def _parts(text: str) -> Iterator[str]:
    """What a program may take out of a secret and print alone: the passwords and keys in it."""
    for password, token in PASSWORD.findall(text):
        yield from (password, unquote(password), token)
    for line in text.splitlines():
        for setting in {line, *SETTINGS.split(line)}:
            name, separator, value = _partition(setting)
            if separator and _is_secret(name[-LONGEST_NAME:], False):
                yield from (one.strip().rstrip(",").strip("\"'") for one in {value, value.split(" #")[0]})
    try:
        yield from _in_json(json.loads(text), False)
    except (ValueError, RecursionError):
        return


def _partition(setting: str) -> tuple[str, str, str]:
    found = SEPARATOR.search(setting)
    return (setting[: found.start()], found[0], setting[found.end() :]) if found else (setting, "", "")


def _in_json(value: object, secret: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield from _in_json(one, _is_secret(name, secret))
    elif isinstance(value, list):
        for one in value:
            yield from _in_json(one, secret)
    # A text of several lines is a private key or a certificate, whatever its name.
    elif isinstance(value, str) and (secret or "\n" in value.strip()):
        yield value
    elif isinstance(value, int) and secret:
        yield str(value)


def _is_secret(name: str, within: bool) -> bool:
    """`within`: it is a field of something whose name says that it is secret."""
    name = name.strip(" \t\"'")
    return not PLAIN_NAME.search(name) and (within or bool(SECRET_NAME.search(name)))


def _encoded(value: bytes) -> Iterator[str]:
    """As base64 has it: on its own, also broken into lines, and within something longer, whose other bytes may shift it."""
    whole = base64.b64encode(value).decode()
    found = {whole, whole.rstrip("="), value.hex(), value.hex().upper()}
    for width in (64, 76):
        if len(whole) > width:
            found |= {whole[at : at + width] for at in range(0, len(whole), width)}
    for shift in range(3):
        shifted = base64.b64encode(bytes(shift) + value).decode().rstrip("=")
        # The characters at both ends hold bits of what stands before and after it.
        begin = (0, 2, 3)[shift]
        end = len(shifted) - (1 if (shift + len(value)) % 3 else 0)
        found.add(shifted[begin:end])
    yield from found
    yield from (form.replace("+", "-").replace("/", "_") for form in found)
