"""A notebook's file: its cells, the parameters put into it, and its outputs as the messages of a kernel make them."""

from __future__ import annotations

import copy
import json
import os
import uuid

MOST = 256 << 20
CARRIED = ("display_data", "execute_result")


class Document:
    def __init__(self, path: str, target: str) -> None:
        """@raises ValueError if it is no notebook, OSError if it cannot be read"""
        if os.path.getsize(path) > MOST:
            raise ValueError(f"{path} has more than {MOST >> 20} MiB")
        with open(path, encoding="utf-8") as file:
            try:
                self.content = json.load(file)
            except ValueError as error:
                raise ValueError(f"{path} is no notebook: {error}") from error
        cells = self.content.get("cells") if isinstance(self.content, dict) else None
        if not isinstance(cells, list) or self.content.get("nbformat") != 4:
            raise ValueError(f"{path} is no notebook of format 4; open and save it in an editor of today")
        self._target = target
        self._displays: dict[str, list[dict]] = {}
        self._clearing: list[dict] = []
        """Cells whose outputs go when the next one comes."""

    def inject(self, parameters: dict) -> None:
        """After the cell tagged `parameters`, in place of what was injected before; first, where there is no such cell."""
        cells = self.content["cells"]
        at = next((i for i, cell in enumerate(cells) if "injected-parameters" in tags(cell)), None)
        if at is not None:
            del cells[at]
        if not parameters:
            return
        if at is None:
            at = next((i + 1 for i, cell in enumerate(cells) if "parameters" in tags(cell)), 0)
        source = "# Parameters\n" + "".join(f"{name} = {value!r}\n" for name, value in parameters.items())
        cell = {
            "cell_type": "code",
            "execution_count": None,
            "metadata": {"tags": ["injected-parameters"]},
            "outputs": [],
            "source": source,
        }
        if self.content.get("nbformat_minor", 0) >= 5:
            cell["id"] = uuid.uuid4().hex[:8]
        cells.insert(at, cell)

    def begin(self) -> list[dict]:
        """The cells to be run, without the outputs of another time."""
        code = [cell for cell in self.content["cells"] if cell.get("cell_type") == "code"]
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


def source(cell: dict) -> str:
    text = cell.get("source", "")
    return "".join(text) if isinstance(text, list) else str(text)


def tags(cell: dict) -> list:
    found = cell.get("metadata", {}).get("tags", [])
    return found if isinstance(found, list) else []


def display_id(content: dict) -> str:
    return str(content.get("transient", {}).get("display_id", ""))
