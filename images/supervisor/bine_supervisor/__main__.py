"""The command line. What it takes and how it ends is in README.md."""

from __future__ import annotations

import argparse
import fcntl
import os
import sys
import traceback

from . import reason
from .kernel import ipython, read_spec
from .supervisor import Supervisor

QUOTA_LEAST = 1 << 20
FAULT = 70
"""Exit code where the supervisor itself has failed; the last line of stderr says how."""


def main() -> int:
    arguments = parse_arguments()
    try:
        os.chdir(arguments.directory)
        lock = os.open("lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        spec = ipython(arguments.python, arguments.cwd) if arguments.python else read_spec(arguments.kernelspec, arguments.cwd)
    except (OSError, ValueError) as error:
        print(f"bine-supervisor: {error}", file=sys.stderr)
        return 2
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        print(f"bine-supervisor: another supervisor has {arguments.directory}", file=sys.stderr)
        return 3
    try:
        Supervisor(arguments.directory, spec, arguments.quota).run()
    except Exception as error:
        traceback.print_exc()
        said = reason.of_exception(type(error).__name__, str(error))
        print(f"Bine's supervisor failed: {said}", file=sys.stderr)
        return FAULT
    return 0


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bine-supervisor", description="Runs a kernel and keeps its log.")
    parser.add_argument("--directory", required=True, type=os.path.abspath, help="the kernel's folder on the host")
    kernel = parser.add_mutually_exclusive_group(required=True)
    kernel.add_argument("--python", type=os.path.abspath, help="the Python whose ipykernel is started")
    kernel.add_argument("--kernelspec", type=os.path.abspath, help="the kernel.json of another kernel")
    parser.add_argument("--cwd", default=os.getcwd(), type=os.path.abspath, help="where the kernel works")
    parser.add_argument("--quota", default=1 << 30, type=quota, help="bytes that the log may take")
    return parser.parse_args()


def quota(text: str) -> int:
    value = int(text)
    if value < QUOTA_LEAST:
        raise ValueError
    return value


if __name__ == "__main__":
    sys.exit(main())
