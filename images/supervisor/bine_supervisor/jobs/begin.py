"""The shortest way from our first moment to the program's: nothing here loads anything that is not loaded yet."""

from __future__ import annotations

import os
import signal

from .. import COMMANDS, given

ENDING = os.path.join(os.path.dirname(os.path.abspath(__file__)), "ending")
"""What the program's Python runs first, so that the exception that ends it is known."""
RECORD = "exception.json"
MEMORY = "/dev/shm"


class Begun:
    """A program that was started, or why it could not be."""

    def __init__(self, pid: int, pipes: dict[int, str], mark: bytes, record: str) -> None:
        self.pid = pid
        self.record = record
        """Where the exception that ends it is written down."""
        self.pipes = pipes
        """Our ends of its streams, by descriptor."""
        self.mark = mark
        """In its stderr, where the program has ended and only what was registered for its exit still runs."""


def claim(name: str) -> bool:
    """False: somebody made it before."""
    try:
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644))
    except FileExistsError:
        return False
    return True


def catch_signals() -> int:
    """A descriptor from which the numbers of arriving signals can be read."""
    ours, theirs = os.pipe2(os.O_CLOEXEC | os.O_NONBLOCK)
    for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, _nothing)
    signal.set_wakeup_fd(theirs, warn_on_full_buffer=False)
    return ours


def start(python: str, arguments: list[str], cwd: str) -> Begun:
    out, err = os.pipe2(os.O_CLOEXEC), os.pipe2(os.O_CLOEXEC)
    token = f"\x01bine-{os.urandom(12).hex()}\x02"
    # What an exception says may have secrets in it, which are for no disk.
    record = os.path.join(MEMORY, f"{token[1:-1]}.json") if os.environ.get(given.FOLDER) else os.path.abspath(RECORD)
    environment = _environment(python, f"{token}:{record}")
    pid = os.fork()
    if pid == 0:
        _become([python, *arguments], environment, cwd, (out[1], err[1]))
    os.close(out[1])
    os.close(err[1])
    for pipe in (out[0], err[0]):
        os.set_blocking(pipe, False)
    return Begun(pid, {out[0]: "stdout", err[0]: "stderr"}, token.encode(), record)


def _environment(python: str, ending: str) -> dict[str, str]:
    own = os.environ.get("PYTHONPATH")
    return {
        **os.environ,
        "PATH": os.pathsep.join([os.path.dirname(python), os.environ.get("PATH", os.defpath), COMMANDS]),
        "PYTHONPATH": ENDING if own is None else os.pathsep.join([ENDING, own]),
        **({} if own is None else {"BINE_PYTHONPATH": own}),
        "BINE_ENDING": ending,
    }


def _become(command: list[str], environment: dict[str, str], cwd: str, outputs: tuple[int, int]) -> None:
    """In the child: never returns."""
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(outputs[0], 1)
        os.dup2(outputs[1], 2)
        os.setsid()
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT, signal.SIGUSR1, signal.SIGPIPE):
            signal.signal(number, signal.SIG_DFL)
        _go_first_when_memory_runs_out()
        os.chdir(cwd)
        os.execve(command[0], command, {**_bytes(environment), **given.environment()})
    except BaseException as error:
        os.write(2, f"It could not be started: {error}\n".encode(errors="replace"))
    finally:
        os._exit(127)


def _bytes(environment: dict[str, str]) -> dict[bytes, bytes]:
    return {os.fsencode(name): os.fsencode(value) for name, value in environment.items()}


def _go_first_when_memory_runs_out() -> None:
    try:
        file = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
        os.write(file, b"1000")
        os.close(file)
    except OSError:
        pass  # hardened systems forbid it; the program is then an ordinary candidate


def _nothing(*_: object) -> None:
    pass
