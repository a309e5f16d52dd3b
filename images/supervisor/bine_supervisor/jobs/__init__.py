"""Runs one execution of a job, a program or a notebook, as process 1 of its container; its folder then holds the whole truth of it.

Called as `from bine_supervisor.jobs import main; main()` with the folder, the program's kind, its path, its working directory and its
Python as arguments, then the program's own; the rest stands in the folder's spec.json. What else is in the folder, and how it ends, is
in README.md.

A user waits for the program's first line. So the program is started first, with what the interpreter has loaded anyhow; what is needed
to listen to it is loaded while it comes up."""

from __future__ import annotations

import os
import sys
import time

from . import begin

ALREADY_RAN = 3


def main() -> None:
    directory, kind, path, cwd, python, *arguments = sys.argv[1:]
    os.chdir(directory)
    # Whatever starts this container a second time, the program runs once.
    if not begin.claim("started"):
        sys.exit(ALREADY_RAN)
    started = time.time()
    signals = begin.catch_signals()
    begun = begin.start(python, ["-u", path, *arguments], cwd) if kind == "python" else None

    from . import runner

    try:
        sys.exit(runner.run(begun, signals, started))
    except Exception as error:
        # No log, no spec: its end at least says why. What cannot be written at all is on the container's own stderr.
        runner.finish(runner.crash(error), started, 0)
        raise
