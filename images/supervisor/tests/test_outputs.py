"""The table that the clients are held to as well: `client/src/notebooks/vectors.test.ts`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from bine_supervisor.jobs.outputs import Displays, Outputs

VECTORS = json.loads((Path(__file__).parents[3] / "test/vectors/notebook-outputs.json").read_text())


def joined(output: dict) -> dict:
    """Texts whole, as the table has them."""

    def whole(value: object) -> object:
        return "".join(value) if isinstance(value, list) and all(isinstance(line, str) for line in value) else value

    if "text" in output:
        return {**output, "text": whole(output["text"])}
    return {**output, "data": {mime: whole(value) for mime, value in output["data"].items()}} if "data" in output else output


@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_the_collector(vector: dict) -> None:
    displays, cells = Displays(), {"a": Outputs(), "b": Outputs()}
    for message in vector["messages"]:
        cell, content = cells[message.get("cell", "a")], message["content"]
        if message["type"] == "execute_reply":
            cell.fail(content)
        else:
            displays.hear(cell, message["type"], content)
    assert [joined(output) for output in cells["a"].all()] == vector["outputs"]


def test_the_middle_goes_of_what_is_absurdly_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bine_supervisor.jobs.outputs.MOST", 200_000)
    displays, outputs = Displays(), Outputs()
    for number in range(1000):
        displays.hear(outputs, "stream", {"name": "stdout", "text": f"{number}\n" + ("x" * 99 + "\n") * 20})
    (output,) = outputs.all()
    said = "".join(output["text"])
    assert len(said) < 300_000
    assert said.startswith("0\n")
    assert "\n999\n" in said
    assert said.count("characters are left out here") == 1
