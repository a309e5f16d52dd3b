"""A notebook's file: its cells, the parameters put into it, and its outputs as the messages of a kernel make them."""

from __future__ import annotations

import json
import os

from . import notebook_file
from .notebook_file import source, tags
from .outputs import Displays, Outputs

SKIPPED = "skip-execution"
"""A tag that all who run notebooks obey."""


class Document:
    def __init__(self, path: str, target: str) -> None:
        """@raises ValueError if it is no notebook, OSError if it cannot be read"""
        self.content = notebook_file.read(path)
        self._target = target
        self._displays = Displays()
        self._outputs: dict[int, tuple[dict, Outputs]] = {}
        """Of the cells that were run, by the identity of the cell, which may have no id."""

    def inject(self, parameters: dict) -> list[str]:
        """@returns what may not have the effect that was meant"""
        return notebook_file.inject(self.content, parameters)

    def begin(self) -> list[dict]:
        """The cells to be run, without the outputs of another time."""
        code = [cell for cell in self.content["cells"] if cell["cell_type"] == "code"]
        for cell in code:
            cell["outputs"], cell["execution_count"] = [], None
        return [cell for cell in code if source(cell).strip() and SKIPPED not in tags(cell)]

    def save(self) -> None:
        for cell, outputs in self._outputs.values():
            cell["outputs"] = outputs.all()
        fresh = f"{self._target}.new"
        with open(fresh, "w", encoding="utf-8", errors="replace") as file:
            json.dump(self.content, file, indent=1, ensure_ascii=False)
            file.write("\n")
        os.rename(fresh, self._target)

    def output(self, cell: dict, kind: str, content: dict) -> None:
        """What a kernel publishes for a cell."""
        self._displays.hear(self._of(cell), kind, content)

    def fail(self, cell: dict, reply: dict) -> None:
        self._of(cell).fail(reply)

    def forgive(self, cell: dict, error: str) -> None:
        """An exception of this name is no fault of the cell."""
        self._of(cell).forgive(error)

    def _of(self, cell: dict) -> Outputs:
        return self._outputs.setdefault(id(cell), (cell, Outputs()))[1]
