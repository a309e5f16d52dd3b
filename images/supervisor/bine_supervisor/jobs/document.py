"""A notebook's file: its cells, the parameters put into it, and its outputs as the messages of a kernel make them."""

from __future__ import annotations

import copy
import json
import os

from . import notebook_file
from .notebook_file import source

CARRIED = ("display_data", "execute_result")


class Document:
    def __init__(self, path: str, target: str) -> None:
        """@raises ValueError if it is no notebook, OSError if it cannot be read"""
        self.content = notebook_file.read(path)
        self._target = target
        self._displays: dict[str, list[dict]] = {}
        self._clearing: list[dict] = []
        """Cells whose outputs go when the next one comes."""

    def inject(self, parameters: dict) -> list[str]:
        """@returns what may not have the effect that was meant"""
        return notebook_file.inject(self.content, parameters)

    def begin(self) -> list[dict]:
        """The cells to be run, without the outputs of another time."""
        code = [cell for cell in self.content["cells"] if cell["cell_type"] == "code"]
        for cell in code:
            cell["outputs"], cell["execution_count"] = [], None
        return [cell for cell in code if source(cell).strip()]

    def save(self) -> None:
        fresh = f"{self._target}.new"
        with open(fresh, "w", encoding="utf-8", errors="replace") as file:
            json.dump(self.content, file, indent=1, ensure_ascii=False)
            file.write("\n")
        os.rename(fresh, self._target)

    def output(self, cell: dict, kind: str, content: dict) -> None:
        """What a kernel publishes for a cell."""
        outputs: list[dict] = cell["outputs"]
        if kind == "clear_output":
            if content.get("wait"):
                self._clearing.append(cell)
            else:
                outputs.clear()
            return
        if kind == "update_display_data":
            for shown in self._displays.get(display_id(content), []):
                shown["data"], shown["metadata"] = copy.deepcopy(content.get("data", {})), content.get("metadata", {})
            return
        if any(one is cell for one in self._clearing):
            self._clearing = [one for one in self._clearing if one is not cell]
            outputs.clear()
        if kind == "stream":
            self._stream(outputs, content)
        elif kind == "error":
            names = ("ename", "evalue", "traceback")
            outputs.append({"output_type": "error", **{name: content.get(name, "") for name in names}})
        elif kind in CARRIED:
            shown = {"output_type": kind, "data": content.get("data", {}), "metadata": content.get("metadata", {})}
            if kind == "execute_result":
                shown["execution_count"] = content.get("execution_count")
            outputs.append(shown)
            if display_id(content):
                self._displays.setdefault(display_id(content), []).append(shown)

    def _stream(self, outputs: list[dict], content: dict) -> None:
        name, said = content.get("name", "stdout"), content.get("text", "")
        if outputs and outputs[-1].get("output_type") == "stream" and outputs[-1]["name"] == name:
            # A list: one text that grows would be copied again with every print.
            outputs[-1]["text"].append(said)
        else:
            outputs.append({"output_type": "stream", "name": name, "text": [said]})


def display_id(content: dict) -> str:
    return str(content.get("transient", {}).get("display_id", ""))
