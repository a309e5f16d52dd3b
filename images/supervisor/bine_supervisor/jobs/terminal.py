"""What the two streams of a cell print, as a terminal would show it. As `client/src/notebooks/terminal.ts`, which says more."""

from __future__ import annotations

import re
from collections.abc import Callable

from . import sgr
from .screen import Look, Screen, Segment
from .sgr import Pen

LONGEST = 4096
"""A sequence that has more characters has no end: it is shown."""
HIGH = re.compile("[\ud800-\udbff]$")
PARTS = {0: "after", 1: "before", 2: "all"}

TOKENS = re.compile(
    "|".join(
        (
            r"(?P<text>[^\x00-\x08\x0a-\x1f\x7f-\x9f]+)",
            r"\x1b\[(?P<parameters>[0-?]*)[ -/]*(?P<verb>[@-~])",
            # Titles, links and other strings with an end; character sets; sequences of two characters.
            r"\x1b[\]PX^_][^\x00-\x1f\x7f]*(?:\x07|\x1b\\)",
            r"\x1b[ -/]+[0-~]",
            r"\x1b(?P<single>[0-OQ-WYZ\\\x60-~])",
            r"(?P<cut>\x1b(?:\[[0-?]*[ -/]*|[\]PX^_][^\x00-\x1f\x7f]*\x1b?|[ -/]*)\Z)",
            # What only begins like a sequence.
            r"\x1b\[[0-?]*[ -/]*",
            r"(?P<control>[\s\S])",
        )
    )
)


class Terminal:
    def __init__(self) -> None:
        self._screen = Screen()
        self._looks = {name: Look(name, {}) for name in ("stdout", "stderr")}
        self._rests = {"stdout": "", "stderr": ""}
        """A sequence or half of a character whose rest has not come yet."""

    def write(self, name: str, chunk: str) -> None:
        text = self._rests[name] + chunk
        half = HIGH.search(text)
        rest = half[0] if half else ""
        text = well_formed(text[: len(text) - len(rest)])
        for token in TOKENS.finditer(text):
            if token.lastgroup != "cut":
                self._obey(name, token)
            elif len(token[0]) <= LONGEST:
                rest = token[0] + rest
            else:
                self._rests[name] = ""
                self.write(name, token[0][1:])
        self._rests[name] = rest

    def take_settled(self, pen: Pen) -> list[Segment]:
        return self._screen.take_settled(pen)

    def rest(self, pen: Pen) -> list[Segment]:
        return self._screen.rest(pen, {name: look.pen for name, look in self._looks.items()})

    def _obey(self, name: str, token: re.Match[str]) -> None:
        look, found = self._looks[name], token.groupdict()
        if found["text"] is not None:
            self._screen.put(found["text"], look)
        elif found["control"] is not None:
            control = CONTROLS.get(found["control"])
            if control:
                control(self._screen, look)
        elif found["single"] == "c":
            self._looks[name] = look = Look(name, {})
            self._screen.erase("all")
            self._screen.move_to(0, 0, look)
        elif found["single"] is not None:
            single = SINGLES.get(found["single"])
            if single:
                single(self._screen, look)
        elif found["verb"] is not None:
            self._control(name, found["verb"], found["parameters"])

    def _control(self, name: str, verb: str, parameters: str) -> None:
        if verb == "m":
            if not re.match("[<-?]", parameters):
                self._looks[name] = Look(name, sgr.change(self._looks[name].pen, parameters))
        elif re.fullmatch(r"[0-9;]*", parameters) and verb in SEQUENCES:
            # What begins with `?` and the like is private to some terminal.
            SEQUENCES[verb](self._screen, self._looks[name], [int(word[:9] or 0) for word in parameters.split(";")])


Sequence = Callable[[Screen, Look, list[int]], None]


def count(numbers: list[int]) -> int:
    """0 or none is 1."""
    return max(1, numbers[0])


def move(rows: int, columns: int) -> Sequence:
    return lambda screen, look, numbers: screen.move(rows * count(numbers), columns * count(numbers), look)


def move_lines(direction: int) -> Sequence:
    def go(screen: Screen, look: Look, numbers: list[int]) -> None:
        screen.move(direction * count(numbers), 0, look)
        screen.move_to(None, 0, look)

    return go


def move_to(screen: Screen, look: Look, numbers: list[int]) -> None:
    row, column = (*numbers, 1)[:2]
    screen.move_to(max(1, row) - 1, max(1, column) - 1, look)


def move_to_column(screen: Screen, look: Look, numbers: list[int]) -> None:
    screen.move_to(None, count(numbers) - 1, look)


def erase(screen: Screen, look: Look, numbers: list[int]) -> None:
    if numbers[0] in PARTS:
        screen.erase(PARTS[numbers[0]])


def erase_line(screen: Screen, look: Look, numbers: list[int]) -> None:
    if numbers[0] in PARTS:
        screen.erase_line(PARTS[numbers[0]])


def edit(how: str) -> Sequence:
    return lambda screen, look, numbers: screen.edit(how, count(numbers), look)


SEQUENCES: dict[str, Sequence] = {
    "A": move(-1, 0),
    "B": move(1, 0),
    "C": move(0, 1),
    "D": move(0, -1),
    "E": move_lines(1),
    "F": move_lines(-1),
    "G": move_to_column,
    "`": move_to_column,
    "a": move(0, 1),
    "d": lambda screen, look, numbers: screen.move_to(count(numbers) - 1, None, look),
    "e": move(1, 0),
    "H": move_to,
    "f": move_to,
    "J": erase,
    "K": erase_line,
    "P": edit("delete"),
    "X": edit("blank"),
    "@": edit("insert"),
    "s": lambda screen, look, numbers: screen.save(),
    "u": lambda screen, look, numbers: screen.restore(),
}
SINGLES: dict[str, Callable[[Screen, Look], None]] = {
    "7": lambda screen, look: screen.save(),
    "8": lambda screen, look: screen.restore(),
    "D": lambda screen, look: screen.move(1, 0, look),
    "E": lambda screen, look: screen.new_line(look),
    "M": lambda screen, look: screen.move(-1, 0, look),
}
CONTROLS: dict[str, Callable[[Screen, Look], None]] = {
    "\n": lambda screen, look: screen.new_line(look),
    "\r": lambda screen, look: screen.move_to(None, 0, look),
    "\b": lambda screen, look: screen.move(0, -1, look),
    "\v": lambda screen, look: screen.move(1, 0, look),
    "\f": lambda screen, look: screen.move(1, 0, look),
}


def well_formed(text: str) -> str:
    """Halves of characters are joined, or replaced."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
