"""The reason in what programs of many kinds print, as they print it."""

from __future__ import annotations

import pytest

from bine_supervisor.reason import in_output, of_exception

TRACEBACK = 'Traceback (most recent call last):\n  File "a.py", line 5, in <module>\n'
PRINTED = {
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
    "a box": ("Usage: a.py\n╭─ Error ─────────────╮\n│ Missing option '--x'. │\n╰─────────────────────╯", "Missing option '--x'."),
}


@pytest.mark.parametrize("printed,reason", PRINTED.values(), ids=PRINTED)
def test_what_is_printed_says_why(printed: str, reason: str) -> None:
    assert in_output(printed.splitlines()) == reason


def test_a_rule_above_a_message_is_not_the_message() -> None:
    assert of_exception("ChildFailedError", "\n====\ntrain.py FAILED\n----") == "ChildFailedError: train.py FAILED"
