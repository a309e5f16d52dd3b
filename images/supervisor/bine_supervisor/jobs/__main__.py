"""The command line: `python -m bine_supervisor.jobs DIRECTORY`. What is in the folder and how it ends is in README.md."""

from __future__ import annotations

import json
import os
import sys
import time

from .. import process
from . import files
from .log import Log
from .runner import Runner, Work

ALREADY_RAN = 3


def main() -> int:
    os.chdir(sys.argv[1])
    # Whatever starts this container a second time, the program runs once.
    if not files.claim("started"):
        return ALREADY_RAN
    with open("spec.json") as file:
        spec = json.load(file)
    started = time.time()
    log = Log(".", spec["quota"])
    process.become_subreaper()
    with process.caught_signals() as signals:
        result = Runner(spec, log, signals).run(work_for(spec, log))
    log.close()
    files.replace("result.json", {**result, "started": started, "ended": time.time(), "lines": log.seq}, durable=True)
    return result["exitCode"]


def work_for(spec: dict, log: Log) -> Work:
    # Each imports only what it needs: a program's first line waits for it.
    if spec["kind"] == "notebook":
        from .notebook import Notebook

        return Notebook(spec, log)
    from .program import Program

    return Program(spec, log)


if __name__ == "__main__":
    sys.exit(main())
