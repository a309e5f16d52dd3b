"""Real runners of real programs and notebooks."""

from __future__ import annotations

import contextlib
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
        # ipykernel does not read what child processes print where this is set.
        environment = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
        return subprocess.Popen([*self.command, *arguments], env={**environment, "PYTHONPATH": PACKAGE})

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


def test_is_told_of_a_disk_quota_and_goes_on(tmp_path: Path) -> None:
    execution = Execution(tmp_path, "import os, time\nprint('up')\nwhile not os.path.exists('go'): time.sleep(0.01)\nprint('on')")
    running = execution.begin()
    execution.until_said("up")
    running.send_signal(signal.SIGUSR1)
    while not any("over its disk quota" in line["text"] and line["stream"] == "system" for line in execution.log()):
        assert running.poll() is None
        time.sleep(0.01)
    (tmp_path / "go").touch()
    assert running.wait(60) == 0
    assert execution.said().endswith("on\n")


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


def test_takes_no_cell_for_the_cause_because_of_the_words_of_a_program(tmp_path: Path) -> None:
    result = Execution(tmp_path, "import sys; sys.exit('Cell 7 is empty')").run()
    assert (result["error"], result.get("cell")) == ("Cell 7 is empty", None)


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
    assert outputs[3][0]["data"] == {"text/plain": ["two"]}


def test_keeps_a_notebook_whose_kernel_dies(tmp_path: Path) -> None:
    cells = [cell("print('before', flush=True)"), cell("import os, signal; os.kill(os.getpid(), signal.SIGKILL)")]
    execution = Execution(tmp_path, notebook(*cells), kind="notebook")
    result = execution.run()
    assert (result["exitCode"], result["signal"]) == (137, "SIGKILL")
    outputs = [one["outputs"] for one in json.loads(execution.executed.read_text())["cells"]]
    assert [output["output_type"] for one in outputs for output in one] == ["stream", "error"]


def test_a_notebook_ends_as_its_cell_says(tmp_path: Path) -> None:
    ends = {
        "exit(0)": (0, None),
        "exit": (0, None),
        "quit()": (0, None),
        "import sys; sys.exit()": (0, None),
        "exit(3)": (3, "Cell 2 ended the notebook with exit code 3"),
        "raise SystemExit(-1)": (255, "Cell 2 ended the notebook with exit code 255"),
        "import sys; sys.exit('no data\\nfor March')": (1, "Cell 2 failed: no data"),
        "raise KeyboardInterrupt": (1, "Cell 2 failed: KeyboardInterrupt"),
        "import os; os._exit(3)": (3, "Cell 2 failed: the kernel ended with code 3"),
        "import os; os._exit(0)": (1, "Cell 2 failed: the kernel ended with code 0"),
        "raise ExceptionGroup('two', [ValueError(1), TypeError(2)])": (1, "Cell 2 failed: ExceptionGroup: two (2 sub-exceptions)"),
        "raise ValueError('bad\\nFor further information visit x')": (1, "Cell 2 failed: ValueError: bad"),
    }
    for number, (code, (exit_code, error)) in enumerate(ends.items()):
        folder = tmp_path / str(number)
        folder.mkdir()
        execution = Execution(folder, notebook(cell("print('one')"), cell(code), cell("print('three')")), kind="notebook")
        result = execution.run()
        assert (code, result["exitCode"], result["error"]) == (code, exit_code, error)
        assert (code, result["cell"]) == (code, None if error is None else 2)
        assert (code, execution.said()) == (code, "one\n")
        if exit_code == 0:
            assert "1 more was not run" in execution.said("system")
            cells = json.loads(execution.executed.read_text())["cells"]
            assert [output for output in cells[1]["outputs"] if output["output_type"] == "error"] == []


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ({"metadata": None}, '"metadata" of program.ipynb is null, not an object'),
        ({"metadata": []}, '"metadata" of program.ipynb is a list, not an object'),
        ({"cells": None}, 'program.ipynb is no notebook: "cells" is null, not a list'),
        ({"cells": {"a": 1}}, 'program.ipynb is no notebook: "cells" is an object, not a list'),
        ({"cells": [cell("1"), "x"]}, "cell 2 of program.ipynb is a string, not an object"),
        ({"cells": [None]}, "cell 1 of program.ipynb is null, not an object"),
        ({"cells": [cell("1") | {"metadata": None}]}, '"metadata" of cell 1 of program.ipynb is null, not an object'),
        ({"cells": [cell("1") | {"metadata": []}]}, '"metadata" of cell 1 of program.ipynb is a list, not an object'),
        ({"cells": [cell("1") | {"outputs": {}}]}, '"outputs" of cell 1 of program.ipynb is an object, not a list'),
        ({"cells": [cell("1") | {"outputs": ["x"]}]}, '"outputs" of cell 1 of program.ipynb has something else than objects in it'),
        ({"cells": [cell("1") | {"source": 3}]}, '"source" of cell 1 of program.ipynb is neither a string nor a list of strings'),
        ({"cells": [cell("1") | {"source": ["a", None]}]}, '"source" of cell 1 of program.ipynb is neither a string nor a list of strings'),
        (
            {"cells": [cell("1") | {"cell_type": "heading"}]},
            'cell 1 of program.ipynb has the cell_type "heading"; it must be "code", "markdown" or "raw"',
        ),
        ({"nbformat": True}, 'program.ipynb is no notebook: its "nbformat" is a truth value; it must be the number 4'),
        ({"nbformat": "4"}, 'program.ipynb is no notebook: its "nbformat" is a string ("4"); it must be the number 4'),
        ({"nbformat": 3}, "program.ipynb is no notebook of format 4"),
        ({"metadata": {"kernelspec": {"name": "ir", "language": "R"}}}, "program.ipynb is a notebook in R"),
        ({"metadata": {"language_info": {"name": "julia"}}}, "program.ipynb is a notebook in julia"),
        ({"metadata": {"kernelspec": {"name": "julia-1.9"}}}, "program.ipynb is a notebook in Julia"),
        ({"metadata": {"kernelspec": {"name": "ir", "display_name": "R"}}}, "program.ipynb is a notebook in R"),
    ],
)
def test_says_which_cell_makes_a_notebook_none(tmp_path: Path, content: dict, complaint: str) -> None:
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [], **content}
    execution = Execution(tmp_path, json.dumps(whole), kind="notebook")
    result = execution.run()
    assert result["exitCode"] == 127
    assert result["error"].startswith(f"It could not be started: {complaint}")
    assert complaint in execution.said("system")


@pytest.mark.parametrize("text", ["[]", "null", "{", "[" * 100_000, "\ufeffnot json"])
def test_says_of_any_text_that_it_is_no_notebook(tmp_path: Path, text: str) -> None:
    assert "is no notebook" in Execution(tmp_path, text, kind="notebook").run()["error"]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "it is empty"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 1\n",
            'a pointer of Git LFS, and its content is not here; "git lfs',
        ),
        (b"<!DOCTYPE html>", "it is a web page"),
        (b'{\n<<<<<<< HEAD\n "cells": []\n=======\n}', "it has conflict markers"),
        ('{"cells": ["é"]}'.encode("latin-1"), "it is not UTF-8 text"),
    ],
)
def test_says_what_a_file_is_instead_of_a_notebook(tmp_path: Path, content: bytes, complaint: str) -> None:
    execution = Execution(tmp_path, "", kind="notebook")
    (tmp_path / "program.ipynb").write_bytes(content)
    assert complaint in execution.run()["error"]


def test_reads_numbers_that_json_does_not_have(tmp_path: Path) -> None:
    one = cell("print(1)") | {"metadata": {"x": float("nan"), "y": float("-inf")}}
    execution = Execution(tmp_path, notebook(one), kind="notebook")
    assert execution.run()["exitCode"] == 0
    assert json.loads(execution.executed.read_text())["cells"][0]["metadata"] == {"x": None, "y": None}


def test_passes_over_cells_that_are_tagged_so(tmp_path: Path) -> None:
    execution = Execution(tmp_path, notebook(cell("1/0", "skip-execution"), cell("print(2)")), kind="notebook")
    assert (execution.run()["exitCode"], execution.said()) == (0, "2\n")


WITHOUT_PIP = "import sys\nsys.modules['pip'] = None"
"""As environments are; what runs the tests has it."""


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("input('name? ')", "StdinNotImplementedError: input() waits for an answer that nobody can give here: take it from a parameter"),
        (
            "import getpass\ngetpass.getpass()",
            "StdinNotImplementedError: getpass() waits for an answer that nobody can give here: give it as a",
        ),
        ("class A:\n  def __repr__(self): raise ValueError('not shown')\nA()", "ValueError: not shown"),
        ("%%bash\necho no such table >&2\nexit 3", "returned non-zero exit status 3: no such table"),
        ("%pip install no-such-package", "UsageError: Packages are installed into the environment, not from a cell"),
        ("%pip install -r requirements.txt", "UsageError: Packages are installed into the environment, not from a cell"),
        ("%conda install no-such-package", "UsageError: Packages are installed into the environment, not from a cell"),
    ],
)
def test_says_why_a_cell_cannot_go_on(tmp_path: Path, source: str, error: str) -> None:
    result = Execution(tmp_path, notebook(cell(WITHOUT_PIP), cell(source)), kind="notebook").run()
    assert result["exitCode"] == 1
    assert error in result["error"]


def test_a_notebook_that_installs_what_is_there_goes_on(tmp_path: Path) -> None:
    execution = Execution(
        tmp_path, notebook(cell(WITHOUT_PIP), cell("%pip install -q ipykernel 'pyzmq>=1'"), cell("print(2)")), kind="notebook"
    )
    assert execution.run()["exitCode"] == 0
    assert execution.said().startswith("Installed already: ipykernel ")


def test_a_notebook_that_asks_what_is_installed_goes_on(tmp_path: Path) -> None:
    execution = Execution(tmp_path, notebook(cell(WITHOUT_PIP), cell("%pip list"), cell("%pip --version")), kind="notebook")
    assert execution.run()["exitCode"] == 0
    assert "\nipykernel==" in execution.said()
    assert "bine env install" in execution.said("stderr")


def test_warns_of_a_shell_command_that_failed(tmp_path: Path) -> None:
    execution = Execution(tmp_path, notebook(cell("!exit 3"), cell("!true\nprint(1)")), kind="notebook")
    warning = 'A command that cell 1 starts with "!" failed with exit code 3, and the notebook went on.'
    assert (execution.run()["warnings"], execution.said()) == ([warning], "1\n")
    assert warning in execution.said("system")


def test_runs_notebooks_that_lack_what_can_be_empty(tmp_path: Path) -> None:
    bare = json.dumps(
        {"nbformat": 4, "nbformat_minor": 0, "cells": [{"cell_type": "code", "source": ["print(", "1)"]}, {"cell_type": "markdown"}]}
    )
    execution = Execution(tmp_path, "\ufeff" + bare, kind="notebook")
    assert execution.run()["exitCode"] == 0
    assert execution.said() == "1\n"


def test_gives_parameters_exactly(tmp_path: Path) -> None:
    parameters = {
        "n": {"$number": "12345678901234567890"},
        "one": {"$number": "1.0"},
        "nan": {"$number": "nan"},
        "deep": {"a": [{"$number": "1e5"}, "x\n'\"", None], "$number": 2},
        "planted": {"$number": "1); print('planted'"},
    }
    source = "print([n, one, nan, deep, planted])"
    execution = Execution(
        tmp_path, notebook(cell(", ".join(parameters) + " = 0, 0, 0, 0, 0", "parameters"), cell(source)), "notebook", parameters=parameters
    )
    result = execution.run()
    deep = {"a": [1e5, "x\n'\"", None], "$number": 2}
    assert execution.said() == f"{[12345678901234567890, 1.0, float('nan'), deep, {'$number': parameters['planted']['$number']}]}\n"
    assert (result["exitCode"], result["warnings"]) == (0, [])


@pytest.mark.parametrize(
    ("cells", "warning"),
    [
        ([cell("x = 1")], 'No cell is tagged "parameters": x went before the first cell'),
        ([cell("y = z = 1", "parameters")], 'The cell tagged "parameters" does not set x; it sets y, z.'),
        ([cell("%pwd\n# nothing", "parameters")], 'The cell tagged "parameters" does not set x; it sets nothing.'),
        ([cell("%time\n!ls\nx: int = 1", "parameters")], None),
        ([cell("a, (x, b) = 1, (2, 3)", "parameters")], None),
        ([cell("this is no Python", "parameters", "raises-exception")], None),
    ],
)
def test_warns_of_parameters_without_effect(tmp_path: Path, cells: list[dict], warning: str | None) -> None:
    execution = Execution(tmp_path, notebook(*cells), kind="notebook", parameters={"x": 1})
    result = execution.run()
    assert result["exitCode"] == 0
    if warning is None:
        assert result["warnings"] == []
    else:
        assert result["warnings"][0].startswith(warning)
        assert f"Warning: {warning}" in execution.said("system")


def test_says_in_its_log_what_was_found_before(tmp_path: Path) -> None:
    execution = Execution(tmp_path, "print(1)", warnings=["2 files were left out: a, b."])
    execution.run()
    assert execution.said("system") == "Warning: 2 files were left out: a, b.\n"


def test_a_fault_of_the_runner_is_the_cause(tmp_path: Path) -> None:
    broken = Execution(tmp_path, "print(1)", timeout="soon")
    result = broken.run()
    assert result["exitCode"] == 70
    assert result["error"].startswith("Bine's runner failed: TypeError: ")
    assert "Traceback" in broken.said("system")


def test_a_runner_without_its_spec_says_so(tmp_path: Path) -> None:
    execution = Execution(tmp_path, "print(1)")
    (execution.folder / "spec.json").write_text("{")
    assert execution.begin().wait(60) == 1
    result = json.loads((execution.folder / "result.json").read_text())
    assert result["error"].startswith("Bine's runner failed: JSONDecodeError: ")


def test_says_how_it_ended_and_loses_no_line_where_the_disk_was_full_meanwhile(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "bine-test", str(small)], check=True)
    try:
        execution = Execution(small, "import time\ntime.sleep(0.5)\nfor i in range(2000): print(i)")
        filler = small / "filler"
        running = execution.begin("x")
        with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while file.write(bytes(4096)):
                pass
        with pytest.raises(subprocess.TimeoutExpired):
            running.wait(3)
        filler.unlink()
        assert running.wait(30) == 0
        assert json.loads((execution.folder / "result.json").read_text())["exitCode"] == 0
        assert execution.said() == "".join(f"{i}\n" for i in range(2000))
    finally:
        subprocess.run(["umount", "--lazy", str(small)], check=True)
