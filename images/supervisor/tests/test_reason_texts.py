"""The reason in what programs of many kinds print, as they print it."""

from __future__ import annotations

import pytest

from bine_supervisor.reason import in_output, of_exception

TRACEBACK = 'Traceback (most recent call last):\n  File "a.py", line 5, in <module>\n'
LAUNCHED = (
    'Traceback (most recent call last):\n  File "/opt/env/bin/torchrun", line 8, in <module>\n    sys.exit(main())\n'
    "torch.distributed.elastic.multiprocessing.errors.ChildFailedError: \n" + "=" * 60 + "\ntrain.py FAILED\n" + "-" * 60 + "\n"
    "Failures:\n  <NO_OTHER_FAILURES>\n" + "-" * 60 + "\nRoot Cause (first observed failure):\n[0]:\n  time      : 2026-01-02_03:04:05\n"
    "  host      : a\n  rank      : 1 (local_rank: 1)\n"
)
NO_TRACE = "  exitcode  : 1 (pid: 7)\n  error_file: <N/A>\n  traceback : To enable traceback see: https://pytorch.org/x.html\n" + "=" * 60
PRINTED = {
    "torchrun": (f"{TRACEBACK}ValueError: no such column\n{LAUNCHED}{NO_TRACE}", "ValueError: no such column"),
    "torchrun, each line with its rank": (
        '[rank1]: Traceback (most recent call last):\n[rank1]:   File "a.py", line 5, in <module>\n'
        f"[rank1]: torch.OutOfMemoryError: CUDA out of memory.\n{LAUNCHED}{NO_TRACE}",
        "torch.OutOfMemoryError: CUDA out of memory.",
    ),
    "torchrun that recorded the traceback": (
        f"{LAUNCHED}  exitcode  : 1 (pid: 7)\n  error_file: /tmp/e.json\n  traceback : Traceback (most recent call last):\n"
        "    File \"/ws/train.py\", line 5, in main\n      load()\n  KeyError: 'label'\n  \n" + "=" * 60,
        "KeyError: 'label'",
    ),
    "torchrun of a process that was killed": (
        f"{LAUNCHED}  exitcode  : -9 (pid: 7)\n  error_file: <N/A>\n  traceback : Signal 9 (SIGKILL) received by PID 7\n" + "=" * 60,
        "ChildFailedError: rank 1: Signal 9 (SIGKILL) received by PID 7",
    ),
    "accelerate": (
        f"{TRACEBACK}KeyError: 'x'\n{TRACEBACK}subprocess.CalledProcessError: Command '['/opt/env/bin/python', 'a.py']' returned 1.",
        "KeyError: 'x'",
    ),
    "a Perl module that is missing": (
        "Can't locate JSON/XS.pm in @INC (you may need to install the JSON::XS module) (@INC contains: /etc/perl /usr/lib/perl5) "
        "at a.pl line 1.\nBEGIN failed--compilation aborted at a.pl line 1.",
        "Can't locate JSON/XS.pm in @INC (you may need to install the JSON::XS module)",
    ),
    "Perl that does not compile": (
        'Global symbol "$x" requires explicit package name at a.pl line 2.\nsyntax error at a.pl line 4, near "}"\n'
        "Execution of a.pl aborted due to compilation errors.",
        'Global symbol "$x" requires explicit package name at a.pl line 2.',
    ),
    "JavaScript": (
        "/ws/a.js:1\nthrow new Error('boom');\n^\n\nError: boom\n    at Object.<anonymous> (/ws/a.js:1:7)\n\nNode.js v20.1.0",
        "Error: boom",
    ),
    "R": ("Error in f(1) : object 'x' not found\nCalls: f\nExecution halted", "Error in f(1) : object 'x' not found"),
    "R, the error on a line of its own": (
        "Error in f(x, y) : \n  object 'x' not found\nExecution halted",
        "Error in f(x, y) : object 'x' not found",
    ),
    "Julia": (
        "ERROR: LoadError: UndefVarError: `x` not defined\nStacktrace:\n [1] main\nin expression starting at /a.jl:1",
        "UndefVarError: `x` not defined",
    ),
    "Rust before 1.73": (
        "thread 'main' panicked at 'boom', src/main.rs:2:5\nnote: run with `RUST_BACKTRACE=1` environment variable to display a backtrace",
        "panicked at 'boom', src/main.rs:2:5",
    ),
    "Rust": (
        "thread 'main' (12) panicked at src/main.rs:2:5:\nindex out of bounds\nnote: run with `RUST_BACKTRACE=1`",
        "panicked at src/main.rs:2:5: index out of bounds",
    ),
    "C++ in a child": (
        "terminate called after throwing an instance of 'std::out_of_range'\n  what():  vector::_M_range_check\nAborted (core dumped)",
        "std::out_of_range: vector::_M_range_check",
    ),
    "a Python that cannot start": (
        "Fatal Python error: init_fs_encoding: failed to get the Python codec\nPython runtime state: core initialized\n"
        "Current thread 0x1 (most recent call first):\n  <no Python frame>",
        "init_fs_encoding: failed to get the Python codec",
    ),
    "a failure of logging at the end": (
        f"{TRACEBACK}RuntimeError: real\n--- Logging error ---\n{TRACEBACK}ValueError: I/O operation on closed file.\nCall stack:\n",
        "RuntimeError: real",
    ),
    "a task that nobody awaited": (
        f"{TRACEBACK}RuntimeError: real\nTask exception was never retrieved\nfuture: <Task finished name='T'>\n{TRACEBACK}ValueError: x",
        "RuntimeError: real",
    ),
    "groups in a group": (
        "  + Exception Group Traceback (most recent call last):\n  | ExceptionGroup: outer (1 sub-exception)\n"
        "  +-+---------------- 1 ----------------\n    | Exception Group Traceback (most recent call last):\n"
        "    | ExceptionGroup: inner (1 sub-exception)\n    +-+---------------- 1 ----------------\n      | ValueError: 1\n"
        "      +------------------------------------",
        "ExceptionGroup: outer (1 sub-exception)",
    ),
    "a JVM below Python": (
        f"{TRACEBACK}py4j.protocol.Py4JJavaError: An error occurred while calling o45.showString.\n"
        ": org.apache.spark.SparkException: Job aborted due to stage failure\n\tat org.apache.spark.X.y(X.scala:2)\n"
        "Caused by: java.lang.OutOfMemoryError: Java heap space\n\tat java.util.Arrays.copyOf(Arrays.java:3745)\n\t... 1 more\n",
        "py4j.protocol.Py4JJavaError: java.lang.OutOfMemoryError: Java heap space",
    ),
    "a traceback in a box": (
        "╭───────── Traceback (most recent call last) ─────────╮\n│ /w/a.py:3 in <module> │\n╰─────────────────────────────────────╯\n"
        "ZeroDivisionError: division by zero\nwandb: You can sync this run:\nwandb: wandb sync /w/run",
        "ZeroDivisionError: division by zero",
    ),
    "notes of a tracker": ("Error: no data\nwandb: \nwandb: Find logs at: ./wandb/run", "Error: no data"),
    "a log with levels": ("ERROR no data\n2026-01-02 03:04:05,1 INFO closing", "ERROR no data"),
    "a notebook's cell": (
        f"{TRACEBACK}nbclient.exceptions.CellExecutionError: An error occurred while executing the following cell:\n"
        "---\n1/0\n---\n\n\n---\nZeroDivisionError      Traceback (most recent call last)\nCell In[1], line 1\n----> 1 1/0\n\n"
        "ZeroDivisionError: division by zero\n",
        "nbclient.exceptions.CellExecutionError: ZeroDivisionError: division by zero",
    ),
    "a box": ("Usage: a.py\n╭─ Error ─────────────╮\n│ Missing option '--x'. │\n╰─────────────────────╯", "Missing option '--x'."),
}


@pytest.mark.parametrize("printed,reason", PRINTED.values(), ids=PRINTED)
def test_what_is_printed_says_why(printed: str, reason: str) -> None:
    assert in_output(printed.splitlines()) == reason


def test_a_rule_above_a_message_is_not_the_message() -> None:
    assert of_exception("ChildFailedError", "\n====\ntrain.py FAILED\n----") == "ChildFailedError: train.py FAILED"
