"""What executed notebooks show, from real kernels."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest
from test_jobs import Execution, cell, notebook

CHILD = r"import os; data = 'é█😀'.encode(); [os.write(1, data[i : i + 2]) for _ in range(3000) for i in range(0, len(data), 2)]"


def execute(folder: Path, *sources: str) -> list[list[dict]]:
    """The outputs of each cell, in a notebook that is valid."""
    execution = Execution(folder, notebook(*map(cell, sources)), kind="notebook")
    execution.run()
    nbformat.validate(json.loads(execution.executed.read_text()))
    return [one["outputs"] for one in json.loads(execution.executed.read_text())["cells"]]


def printed(outputs: list[dict]) -> str:
    return "".join("".join(output["text"]) for output in outputs if output["output_type"] == "stream")


def test_settles_a_progress_bar_of_2000_steps(tmp_path: Path) -> None:
    steps = "import sys\nfor i in range(2000):\n    sys.stderr.write(f'\\r{i + 1}/2000 \\x1b[32m███\\x1b[0m')\n    sys.stderr.flush()"
    (outputs,) = execute(tmp_path, steps)
    assert outputs == [{"output_type": "stream", "name": "stderr", "text": ["2000/2000 \x1b[32m███\x1b[0m"]}]


@pytest.mark.parametrize(
    "source",
    [
        f"import subprocess, sys; subprocess.run([sys.executable, '-c', {CHILD!r}])",
        f"import os, sys, shlex; os.system(shlex.join([sys.executable, '-c', {CHILD!r}]))",
        f'import sys\nchild = {CHILD!r}\n!{{sys.executable}} -c "{{child}}"',
        f'%%bash\npython3 -c "{CHILD}"',
        f"%%script python3\n{CHILD}",
    ],
    ids=["subprocess", "os.system", "!", "%%bash", "%%script"],
)
def test_keeps_characters_that_a_child_process_prints_in_pieces(tmp_path: Path, source: str) -> None:
    # The last cell gives the thread that reads the pipe its time.
    cells = execute(tmp_path, source, "import time; time.sleep(1)")
    assert "".join(map(printed, cells)).strip() == "é█😀" * 3000


def test_shows_halves_of_characters_with_a_replacement(tmp_path: Path) -> None:
    sources = [
        "print('a\\udc80', '\\ud83d')",
        "import sys; print('\\udcff', file=sys.stderr)",
        "from IPython.display import display\ndisplay({'text/plain': '\\ud83d', 'application/json': {'a': float('nan')}}, raw=True)",
        "'\\ud83d'",
        "raise ValueError('\\ud83d bad')",
    ]
    cells = execute(tmp_path, *sources)
    assert printed(cells[0]) == "a\ufffd \ufffd\n"
    assert printed(cells[1]) == "\ufffd\n"
    assert cells[2][0]["data"]["text/plain"] == ["\ufffd"]
    assert cells[3][0]["data"]["text/plain"] == ["'\\ud83d'"]
    assert (cells[4][0]["ename"], cells[4][0]["evalue"]) == ("ValueError", "\ufffd bad")


def test_keeps_what_comes_late_in_the_cell_that_caused_it(tmp_path: Path) -> None:
    late = (
        "import asyncio\ncalled = asyncio.Event()\ndef tell():\n    print('late')\n    called.set()\n"
        "asyncio.get_event_loop().call_later(0.2, tell)"
    )
    execution = Execution(tmp_path, notebook(cell(late), cell("print('early'); await called.wait()")), kind="notebook")
    execution.run()
    cells = json.loads(execution.executed.read_text())["cells"]
    assert [(one["execution_count"], printed(one["outputs"])) for one in cells] == [(1, "late\n"), (2, "early\n")]


IDS = [
    (0, [None, None], False),
    (4, [None, None], False),
    (4, ["a", None], True),
    (5, [None, None], True),
    (5, ["a", "a"], True),
    (5, ["not valid!", "b"], True),
]


@pytest.mark.parametrize(("minor", "ids", "identified"), IDS)
def test_writes_a_valid_notebook_whatever_the_ids_were(tmp_path: Path, minor: int, ids: list, identified: bool) -> None:
    cells = [{**cell("print(1)"), **({"id": one} if one else {})} for one in ids]
    markdown = {"cell_type": "markdown", "metadata": {}, "source": "text"}
    given = {"nbformat": 4, "nbformat_minor": minor, "metadata": {}, "cells": [*cells, markdown]}
    execution = Execution(tmp_path, json.dumps(given), kind="notebook", parameters={"x": 1})
    execution.run()
    executed = json.loads(execution.executed.read_text())
    nbformat.validate(executed)
    found = [one.get("id") for one in executed["cells"]]
    assert executed["nbformat_minor"] == (5 if identified else minor)
    assert len(set(found)) == (len(found) if identified else 1)
