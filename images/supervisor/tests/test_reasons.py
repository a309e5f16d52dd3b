"""The reason of a failure is what ended the program, whatever else it printed last. Real programs."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from test_jobs import Execution

from bine_supervisor.jobs.log import Log
from bine_supervisor.reason import clean, in_output

LATE = "import atexit, sys\natexit.register(lambda: print('wandb: synced 5 files', file=sys.stderr))\n"

PROGRAMS = {
    "an exception group": ('raise ExceptionGroup("two", [ValueError(1), TypeError(2)])', "ExceptionGroup: two (2 sub-exceptions)"),
    "a message of three lines": (
        "raise ValueError('bad input\\nfield: x\\nFor further information visit https://example.org/x')",
        "ValueError: bad input",
    ),
    "a message that begins with an empty line": ("raise ValueError('\\n\\n  ====\\nroot cause: x')", "ValueError: root cause: x"),
    "words printed at exit": (LATE + "raise RuntimeError('real')", "RuntimeError: real"),
    "an error in a finaliser": (
        "class A:\n  def __del__(self): raise ValueError('not this')\na = A()\nraise RuntimeError('real')",
        "RuntimeError: real",
    ),
    "an error in a function registered for the exit": (
        "import atexit\natexit.register(lambda: 1/0)\nraise RuntimeError('real')",
        "RuntimeError: real",
    ),
    "a hook of the program's own": (
        "import sys\nsys.excepthook = lambda *a: print('\\x1b[31m│ drawn │\\x1b[0m', file=sys.stderr)\nraise RuntimeError('real')",
        "RuntimeError: real",
    ),
    "a hook that fails": ("import sys\ndef hook(*a): 1/0\nsys.excepthook = hook\nraise RuntimeError('real')", "RuntimeError: real"),
    "no message": ("def f():\n  assert False\nf()", "AssertionError at program.py:2"),
    "a message that cannot be shown": (
        "class E(Exception):\n  def __str__(self): 1/0\nraise E",
        "E: <its message cannot be shown>",
    ),
    "an exception with a cause and notes": (
        "try: 1/0\nexcept Exception as e:\n  b = RuntimeError('outer')\n  b.add_note('a note')\n  raise b from e",
        "RuntimeError: outer",
    ),
    "control characters and links": (
        "raise ValueError('\\x1b]8;;https://x\\x1b\\\\link\\x1b]8;;\\x1b\\\\ \\x1b[1;31mred\\x1b[0m\\x07\\u202e')",
        "ValueError: link red",
    ),
    "half of a character": ("raise ValueError('\\ud83d bad')", "ValueError: ? bad"),
    "a syntax error": ("x = (", "SyntaxError: '(' was never closed (program.py, line 1)"),
    "a module that is not there": ("import nosuchmodule", "ModuleNotFoundError: No module named 'nosuchmodule'"),
    "an exception of a package": (
        "import json\njson.loads('x')",
        "json.decoder.JSONDecodeError: Expecting value: line 1 column 1 (char 0)",
    ),
    "a text given to sys.exit": (LATE + "sys.exit('no data for March')", "no data for March"),
    "a text of two lines given to sys.exit": ("import sys\nsys.exit('no data\\nSee https://example.org/docs')", "no data"),
    "argparse": (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--x', required=True)\np.parse_args()",
        "program.py: error: the following arguments are required: --x",
    ),
    "os._exit after a traceback": (
        "import os, traceback\ntry: 1/0\nexcept Exception: traceback.print_exc()\nos._exit(4)",
        "ZeroDivisionError: division by zero",
    ),
    "an exit code after an exception that was caught and printed": (
        LATE + "import traceback\ntry: 1/0\nexcept Exception: traceback.print_exc()\nsys.exit(3)",
        "ZeroDivisionError: division by zero",
    ),
    "a program started by the program": (
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'raise KeyError(7)'], check=False)\nsys.exit(5)",
        "KeyError: 7",
    ),
    "a worker of multiprocessing": (
        "import multiprocessing as m\ndef f(x): raise ValueError('in a worker')\n"
        "if __name__ == '__main__':\n  m.set_start_method('spawn')\n  m.Pool(1).map(f, [1])",
        "ValueError: in a worker",
    ),
    "bars drawn on one line": (
        "import sys\nfor i in range(9): print(f'\\r{i}%|##   | {i}/9 [00:00<00:01, 3.1it/s]', end='', file=sys.stderr)\nsys.exit(1)",
        None,
    ),
    "an exception after a bar without a line end": (
        "import os, sys\nprint('\\r50%|##   | 4/9 [00:00<00:01, 3.1it/s]', end='', file=sys.stderr)\nraise RuntimeError('real')",
        "RuntimeError: real",
    ),
    "ranks that prefix their lines": (
        "import sys\nfor l in ['Traceback (most recent call last):', '  File', 'RuntimeError: NCCL down', '', 'exiting']:\n"
        "  print('[rank0]: ' + l, file=sys.stderr)\nprint('W1128 torch elastic: closing', file=sys.stderr)\nsys.exit(2)",
        "RuntimeError: NCCL down",
    ),
    "Java": (
        "import sys\nprint('Exception in thread \"main\" java.lang.IllegalStateException: no session\\n\\tat a.B.c(B.java:1)',"
        " file=sys.stderr)\nsys.exit(1)",
        "java.lang.IllegalStateException: no session",
    ),
    "a command that failed and said why": (
        "import subprocess\nsubprocess.run(['sh', '-c', 'echo fatal: no repository >&2; exit 128'], check=True)",
        "subprocess.CalledProcessError: Command '['sh', '-c', 'echo fatal: no repository >&2; exit 128']' "
        "returned non-zero exit status 128: fatal: no repository",
    ),
    "a command whose words were kept": (
        "import subprocess\nsubprocess.run(['ls', '/nowhere'], check=True, capture_output=True, env={'PATH': '/bin'})",
        "subprocess.CalledProcessError: Command '['ls', '/nowhere']' returned non-zero exit status 2: "
        "ls: cannot access '/nowhere': No such file or directory",
    ),
    "a Python program that the program waits for": (
        "import subprocess, sys\nsubprocess.run([sys.executable, '-c', 'raise KeyError(7)'], check=True)",
        "KeyError: 7",
    ),
    "a group of one": (
        "raise ExceptionGroup('unhandled errors in a TaskGroup', [ConnectionError('the database is down')])",
        "ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception): ConnectionError: the database is down",
    ),
    "an error said on stdout": ("import sys\nprint('loading')\nprint('ERROR: no column price')\nsys.exit(1)", "ERROR: no column price"),
    "progress on stdout": ("import sys\nprint('epoch 3 of 9, loss 0.2')\nsys.exit(1)", None),
    "words about an ignored exception before the real ones": (
        "import sys\nclass A:\n  def __del__(self): raise ValueError('x')\nA()\nprint('loss is NaN', file=sys.stderr)\nsys.exit(4)",
        "loss is NaN",
    ),
    "a thread that failed": (
        "import sys, threading\ndef f(): raise ValueError('in a thread')\nt = threading.Thread(target=f)\nt.start()\nt.join()\nsys.exit(1)",
        "ValueError: in a thread",
    ),
    "a message that only announces the next line": (
        "raise RuntimeError('Error(s) in loading state_dict for Net:\\n\\tMissing key(s): \"fc.weight\". ')",
        'RuntimeError: Error(s) in loading state_dict for Net: Missing key(s): "fc.weight".',
    ),
    "a worker's traceback in the message": (
        "raise type('RayTaskError', (Exception,), {})"
        "('\\x1b[36mray::f()\\x1b[39m (pid=3)\\n  File \"a.py\", line 3, in f\\nValueError: bad')",
        "RayTaskError: ValueError: bad",
    ),
    "a cell's traceback in the message, longer than all that is kept": (
        "raise RuntimeError('An error occurred while executing the following cell:\\n' + 'x = 1\\n' * 9000 + '-' * 75"
        " + '\\nKeyError    Traceback (most recent call last)\\nCell In[1], line 1\\n\\nKeyError: \\'price\\'')",
        "RuntimeError: KeyError: 'price'",
    ),
    "a question that nobody can answer": (
        "input('name? ')",
        "EOFError: EOF when reading a line (nobody can answer input() here: take it from an argument, a parameter or a secret)",
    ),
    "a breakpoint": ("breakpoint()\nprint(1)", "bdb.BdbQuit: breakpoint() found nobody who could answer it: take it out"),
    "too long a message": ("raise ValueError('x' * 10_000)", "ValueError: " + "x" * 487 + "…"),
}


@pytest.mark.parametrize("what", PROGRAMS)
def test_the_reason_is_what_ended_the_program(tmp_path: Path, what: str) -> None:
    source, reason = PROGRAMS[what]
    result = Execution(tmp_path, source).run()
    assert result["exitCode"] != 0
    assert result["error"] == reason or (reason is None and result["error"] is None)


def test_a_crash_is_told_by_its_signal_and_what_native_code_said(tmp_path: Path) -> None:
    dump = Execution(tmp_path, "import faulthandler, os, signal\nfaulthandler.enable()\nos.kill(os.getpid(), signal.SIGSEGV)").run()
    assert (dump["signal"], dump["error"]) == ("SIGSEGV", "Segmentation fault at program.py:3")


def test_native_exceptions_are_named(tmp_path: Path) -> None:
    said = "terminate called after throwing an instance of 'std::runtime_error'\\n  what():  out of range"
    result = Execution(tmp_path, f"import os, sys\nprint({said!r}.encode().decode('unicode_escape'), file=sys.stderr)\nos.abort()").run()
    assert (result["signal"], result["error"]) == ("SIGABRT", "std::runtime_error: out of range")


def test_success_has_no_reason(tmp_path: Path) -> None:
    result = Execution(tmp_path, LATE + "import threading\nt = threading.Thread(target=lambda: 1/0)\nt.start()\nt.join()").run()
    assert (result["exitCode"], result["error"]) == (0, None)


def test_the_program_sees_nothing_of_how_its_end_is_known(tmp_path: Path) -> None:
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.own = True\n")
    see = """import os, sys
print([key for key in os.environ if key.startswith("BINE_")], os.environ.get("PYTHONPATH"), [path for path in sys.path if "ending" in path])
"""
    source = (
        f"see = {see!r}"
        + """
import subprocess
exec(see)
sys.stdout.flush()
subprocess.run([sys.executable, '-c', see])
print(sys.own, sys.excepthook is sys.__excepthook__, sys.modules['sitecustomize'].__file__, sys.argv)
"""
    )
    execution = Execution(tmp_path, source)
    others = {name: value for name, value in os.environ.items() if not name.startswith("BINE_")}
    environment = {**others, "PYTHONPATH": f"{os.path.dirname(os.path.dirname(__file__))}{os.pathsep}{tmp_path}"}
    running = subprocess.Popen(execution.command, env=environment)
    assert running.wait(60) == 0
    ours, theirs, last = execution.said().splitlines()
    assert ours == theirs == f"[] {environment['PYTHONPATH']} []"
    assert last == f"True True {tmp_path}/sitecustomize.py ['{tmp_path}/program.py']"
    assert "bine-" not in execution.said("stderr")


def test_a_planted_record_is_not_followed_and_not_believed_blindly(tmp_path: Path) -> None:
    target = tmp_path / "secret"
    target.write_text(json.dumps({"type": "Secret", "message": "x"}))
    record = tmp_path / "bine" / "exception.json"
    result = Execution(
        tmp_path, f"import os, sys\nos.symlink({str(target)!r}, {str(record)!r})\nprint('why', file=sys.stderr)\nos._exit(1)"
    ).run()
    assert result["error"] == "why"


def test_the_tail_is_whole_however_it_came(tmp_path: Path) -> None:
    log = Log(str(tmp_path), 1 << 20)
    for piece in (
        "Traceback (most rec",
        "ent call last):\n  File",
        ' "x", line 1\nValue',
        "Error: bad\n",
        "x\n" * 900,
        "Value",
        "Error: late",
    ):
        log.say("stderr", piece)
    assert in_output(log.tails["stderr"].lines()) == "ValueError: late" or log.tails["stderr"].lines()[-1] == "ValueError: late"
    assert len(log.tails["stderr"].lines()) <= 401


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\r 1%\r 99%\r", " 99%"),
        ("\x1b[2K\x1b[1Gdone", "done"),
        ("\x1b]0;title\x07text\x1b(B", "text"),
        ("a\x00b\x9bc", "abc"),
        ("\x1b[", ""),
    ],
)
def test_what_a_terminal_would_not_show_goes(raw: str, shown: str) -> None:
    assert clean(raw) == shown
