"""Real runners of real programs and notebooks."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
MAIN = "from bine_supervisor.jobs import main; main()"


class Execution:
    def __init__(self, folder: Path, source: str, kind: str = "python", **spec: object) -> None:
        self.folder = folder / "bine"
        self.folder.mkdir(exist_ok=True)
        self.executed = folder / "executed.ipynb"
        program = folder / ("program.py" if kind == "python" else "program.ipynb")
        program.write_text(source)
        rest = {"timeout": None, "quota": 1 << 30, "parameters": {}, "executed": str(self.executed), **spec}
        (self.folder / "spec.json").write_text(
            json.dumps({"kind": kind, "path": str(program), "cwd": str(folder), "python": sys.executable, **rest})
        )
        self.command = [sys.executable, "-c", MAIN, str(self.folder), kind, str(program), str(folder), sys.executable]

    def begin(self, *arguments: str) -> subprocess.Popen:
        return subprocess.Popen([*self.command, *arguments], env={**os.environ, "PYTHONPATH": PACKAGE})

    def run(self, *arguments: str) -> dict:
        code = self.begin(*arguments).wait(60)
        result = json.loads((self.folder / "result.json").read_text())
        assert code == result["exitCode"]
        return result

    def log(self) -> list[dict]:
        return [json.loads(line) for file in sorted(self.folder.glob("log-*")) for line in file.read_text().splitlines()]

    def said(self, stream: str = "stdout") -> str:
        return "".join(record["text"] for record in self.log() if record["stream"] == stream)

    def until_said(self, text: str) -> None:
        deadline = time.monotonic() + 30
        while text not in self.said():
            assert time.monotonic() < deadline
            time.sleep(0.01)


def test_keeps_all_that_a_program_prints_and_how_it_ended(tmp_path: Path) -> None:
    execution = Execution(tmp_path, "import sys\nfor i in range(5000): print(i, sys.argv[1])\nprint('é', end='')\nraise ValueError('bad')")
    result = execution.run("a b")
    assert (result["exitCode"], result["signal"], result["reason"], result["error"]) == (1, None, None, "ValueError: bad")
    assert execution.said() == "".join(f"{i} a b\n" for i in range(5000)) + "é"
    assert [record["seq"] for record in execution.log()] == list(range(1, result["lines"] + 1))


def test_runs_a_program_once_whatever_starts_it_again(tmp_path: Path) -> None:
    execution = Execution(tmp_path, "open('ran', 'a').write('x')")
    execution.run()
    assert execution.begin().wait(60) == 3
    assert (tmp_path / "ran").read_text() == "x"


def test_ends_a_program_and_what_it_started_when_it_is_asked_to(tmp_path: Path) -> None:
    source = "import subprocess, time\nprint(subprocess.Popen(['sleep', '600']).pid, 'up')\ntime.sleep(600)"
    execution = Execution(tmp_path, source)
    running = execution.begin()
    execution.until_said("up")
    running.send_signal(signal.SIGTERM)
    assert running.wait(30) == 128 + signal.SIGTERM
    result = json.loads((execution.folder / "result.json").read_text())
    assert (result["reason"], result["signal"]) == ("stopped", "SIGTERM")
    with pytest.raises(ProcessLookupError):
        os.kill(int(execution.said().split()[0]), 0)


def test_ends_at_the_time_limit(tmp_path: Path) -> None:
    result = Execution(tmp_path, "import time\ntime.sleep(600)", timeout=1).run()
    assert result["reason"] == "timed-out"


def test_drops_the_middle_of_a_log_that_has_its_fill(tmp_path: Path) -> None:
    execution = Execution(tmp_path, "for i in range(60): print(f'{i:02} ' + 'x' * 2**20)", quota=24 << 20)
    execution.run()
    log = execution.log()
    assert log[0]["text"].startswith("00 ")
    assert log[-1]["text"].endswith("x\n")
    assert sum(file.stat().st_size for file in execution.folder.glob("log-*")) < 40 << 20
    seqs = [record["seq"] for record in log]
    assert seqs == sorted(set(seqs))
    assert len(seqs) < seqs[-1]


def test_says_why_a_program_could_not_be_started(tmp_path: Path) -> None:
    result = Execution(tmp_path, "not a notebook", kind="notebook").run()
    assert result["exitCode"] == 127
    assert "is no notebook" in result["error"]


def cell(source: str, *tags: str) -> dict:
    return {"cell_type": "code", "metadata": {"tags": list(tags)}, "execution_count": None, "outputs": [], "source": source}


def notebook(*cells: dict) -> str:
    return json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": list(cells)})


def test_runs_a_notebook_with_parameters_up_to_the_cell_that_fails(tmp_path: Path) -> None:
    show = "h = display({'text/plain': 'one'}, raw=True, display_id=True)\nh.update({'text/plain': 'two'}, raw=True)"
    cells = [
        cell("x = 1", "parameters"),
        cell("print(x)"),
        cell(show),
        cell("1/0", "raises-exception"),
        cell("exec('y')"),
        cell("print('no')"),
    ]
    execution = Execution(tmp_path, notebook(*cells), kind="notebook", parameters={"x": [None, True, 0.5, "s"]})
    result = execution.run()
    assert (result["exitCode"], result["error"]) == (1, "Cell 6 failed: NameError: name 'y' is not defined")
    assert execution.said() == "[None, True, 0.5, 's']\n"
    assert json.loads((execution.folder / "progress.json").read_text()) == {"done": 5, "total": 7}
    outputs = [one["outputs"] for one in json.loads(execution.executed.read_text())["cells"]]
    assert [[output["output_type"] for output in one] for one in outputs] == [
        [],
        [],
        ["stream"],
        ["display_data"],
        ["error"],
        ["error"],
        [],
    ]
    assert outputs[3][0]["data"] == {"text/plain": "two"}


def test_keeps_a_notebook_whose_kernel_dies(tmp_path: Path) -> None:
    cells = [cell("print('before', flush=True)"), cell("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")]
    execution = Execution(tmp_path, notebook(*cells), kind="notebook")
    result = execution.run()
    assert (result["exitCode"], result["signal"]) == (137, "SIGKILL")
    outputs = [one["outputs"] for one in json.loads(execution.executed.read_text())["cells"]]
    assert [output["output_type"] for one in outputs for output in one] == ["stream", "error"]
