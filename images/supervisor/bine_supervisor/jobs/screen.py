"""The lines that a terminal's cursor can reach: characters in columns, each with its look. As `client/src/notebooks/screen.ts`."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import NamedTuple

from .sgr import Pen, between

REACH = 100
"""How many lines up the cursor can go."""
TAB = 8
WIDEST = 10_000
"""Columns from which on a movement ends: no program's line is that wide."""


class Look(NamedTuple):
    """Who printed it, and in which colours."""

    name: str
    pen: Pen


class Cell(NamedTuple):
    """A column. What takes two is followed by an empty one; what takes none is with the character before it."""

    text: str
    look: Look


@dataclass
class Line:
    runs: list[tuple[Look, list[str]]] = field(default_factory=list)
    cells: list[Cell] | None = None
    """There while the line is edited, and then what counts."""
    end: Look = Look("stdout", {})  # noqa: RUF009 - never changed
    """How it was ended."""

    def edited(self) -> list[Cell]:
        if self.cells is None:
            self.cells = []
            for look, texts in self.runs:
                add_cells(self.cells, "".join(texts), look)
        return self.cells

    def pieces(self) -> list[tuple[Look, list[str]]]:
        if self.cells is None:
            return self.runs
        runs: list[tuple[Look, list[str]]] = []
        for text, look in self.cells:
            if runs and runs[-1][0] is look:
                runs[-1][1].append(text)
            else:
                runs.append((look, [text]))
        return runs

    def close(self) -> None:
        if self.cells is not None:
            self.runs, self.cells = self.pieces(), None


class Segment(NamedTuple):
    """Text of one stream, and its colours at the end."""

    name: str
    text: str
    pen: Pen


class Screen:
    def __init__(self) -> None:
        self._lines = [Line()]
        self._row = 0
        self._column: int | None = None
        """None: at the end of the line, where nearly everything is written."""
        self._saved = (0, 0)

    def put(self, text: str, look: Look) -> None:
        if self._column is None:
            self._append(text, look)
            return
        for piece in re.split("(\t)", text):
            if piece == "":
                continue
            if self._column is None:
                self._append(piece, look)
            elif piece == "\t":
                self._tab(look)
            else:
                self._overwrite(piece, look)

    def new_line(self, look: Look) -> None:
        line = self._line
        if self._column is not None and line.cells is not None:
            # A line that one stream has blanked belongs to the one that ends it.
            rest = line.cells[self._column :]
            if all(cell.text == " " and cell.look.name != look.name for cell in rest):
                del line.cells[self._column :]
        if self._row < len(self._lines) - 1:
            self._row += 1
            self._column = 0 if self._line.pieces() else None
            return
        line.end = look
        line.close()
        self._lines.append(Line())
        self._row += 1
        self._column = None

    def move(self, rows: int, columns: int, look: Look) -> None:
        """Rows down and columns to the right, or back where they are negative."""
        to = max(self._top, self._row + max(-REACH, min(rows, REACH)))
        if self._row < self._top:
            to = max(0, self._row + rows)
        self._go_to(to, self._place + columns, look)

    def move_to(self, row: int | None, column: int | None, look: Look) -> None:
        """To a column, and a row of the screen, both from 0."""
        to = self._row if row is None else self._top + min(row, REACH - 1)
        self._go_to(to, self._place if column is None else column, look)

    def erase_line(self, part: str) -> None:
        cells, at = self._line.edited(), self._place
        if part == "before":
            for index in range(min(at + 1, len(cells))):
                cells[index] = Cell(" ", cells[index].look)
        elif part == "all":
            cells.clear()
        elif at < len(cells):
            cut(cells, at)
            del cells[at:]
        self._column = None if at == len(cells) else at

    def erase(self, part: str) -> None:
        """`before`: up to the cursor; `after`: from it on; `all`."""
        self.erase_line(part)
        if part != "before":
            del self._lines[self._row + 1 :]
        if part != "after":
            for above in range(self._top, self._row):
                self._lines[above] = Line(end=self._lines[above].end)

    def edit(self, how: str, count: int, look: Look) -> None:
        """Characters at the cursor: taken out, blanked, or blanks put in."""
        cells, at = self._line.edited(), self._place
        if at >= len(cells):
            return
        much = min(count, WIDEST)
        cut(cells, at)
        cut(cells, at + much)
        blank = Cell(" ", look)
        if how == "delete":
            del cells[at : at + much]
        elif how == "blank":
            cells[at : at + much] = [blank] * min(much, len(cells) - at)
        else:
            cells[at:at] = [blank] * much
        self._column = None if at == len(cells) else at

    def save(self) -> None:
        self._saved = (self._row, self._place)

    def restore(self) -> None:
        self._go_to(max(0, self._saved[0]), self._saved[1], self._line.end)

    def take_settled(self, pen: Pen) -> list[Segment]:
        """Takes away the lines that the cursor has left behind for good. `pen`: as it was left by what was taken before."""
        if len(self._lines) <= 2 * REACH:
            return []
        count = min(len(self._lines) - REACH, self._row)
        settled, self._lines = self._lines[:count], self._lines[count:]
        self._row -= count
        self._saved = (self._saved[0] - count, self._saved[1])
        return segments([*settled, Line()], pen)

    def rest(self, pen: Pen, pens: dict[str, Pen]) -> list[Segment]:
        """What is left. `pens`: what the next character of a stream will have."""
        found = segments(self._lines, pen)
        if found:
            name, text, last = found[-1]
            # What is added later begins as the stream is now; somebody else's text must not begin in these colours.
            found[-1] = Segment(name, text + between(last, pens[name]), pens[name])
        return found

    @property
    def _line(self) -> Line:
        return self._lines[self._row]

    @property
    def _place(self) -> int:
        return len(self._line.edited()) if self._column is None else self._column

    @property
    def _top(self) -> int:
        return max(0, len(self._lines) - REACH)

    def _go_to(self, row: int, column: int, look: Look) -> None:
        while len(self._lines) <= row:
            self._lines[-1].end = look
            self._lines.append(Line())
        self._row = row
        to = max(0, min(column, WIDEST))
        self._column = None if to == len(self._line.edited()) else to

    def _append(self, text: str, look: Look) -> None:
        line = self._line
        line.close()
        if line.runs and line.runs[-1][0] is look:
            line.runs[-1][1].append(text)
        else:
            line.runs.append((look, [text]))

    def _overwrite(self, text: str, look: Look) -> None:
        cells, at = self._line.edited(), self._place
        pad(cells, at, look)
        fresh: list[Cell] = []
        add_cells(fresh, text, look)
        end = at + len(fresh)
        cut(cells, at)
        cut(cells, end)
        cells[at:end] = fresh
        self._column = None if end >= len(cells) else end

    def _tab(self, look: Look) -> None:
        cells = self._line.edited()
        to = self._place + TAB - self._place % TAB
        pad(cells, to, look)
        self._column = None if to == len(cells) else to


def width(character: str, column: int) -> int:
    if character == "\t":
        return TAB - column % TAB
    if character < "\u0300" or "\u2500" <= character <= "\u25a0":
        return 1
    if unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def add_cells(cells: list[Cell], text: str, look: Look) -> None:
    if text.isascii() and "\t" not in text:
        cells.extend(Cell(character, look) for character in text)
        return
    for character in text:
        columns = width(character, len(cells))
        at = next((i for i in range(len(cells) - 1, -1, -1) if cells[i].text), None) if columns == 0 else None
        if at is not None:
            cells[at] = Cell(cells[at].text + character, cells[at].look)
            continue
        cells.append(Cell(character, look))
        cells.extend(Cell("", look) for _ in range(columns - 1))


def cut(cells: list[Cell], column: int) -> None:
    """What is cut in the middle is blank on both sides."""
    if column >= len(cells) or cells[column].text != "":
        return
    first = end = column
    while first > 0 and cells[first].text == "":
        first -= 1
    while end < len(cells) and cells[end].text == "":
        end += 1
    for at in range(first, end):
        cells[at] = Cell(" ", cells[at].look)


def pad(cells: list[Cell], to: int, look: Look) -> None:
    cells.extend(Cell(" ", look) for _ in range(to - len(cells)))


def segments(lines: list[Line], pen: Pen) -> list[Segment]:
    """`pen`: how the text before these lines ends."""
    found: list[tuple[str, list[str], Pen]] = []

    def add(look: Look, texts: list[str]) -> None:
        if found and found[-1][0] == look.name:
            name, text, before = found.pop()
        else:
            name, text, before = look.name, [], {} if found else pen
        text.append(between(before, look.pen))
        text.extend(texts)
        found.append((name, text, look.pen))

    for index, line in enumerate(lines):
        if index > 0:
            add(lines[index - 1].end, ["\n"])
        for look, texts in line.pieces():
            add(look, texts)
    return [Segment(name, "".join(text), last) for name, text, last in found]
