"""Real supervisors with real kernels, in the Python that runs the tests."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator

import pytest
from client import PATIENCE_S, Attached, Control

PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """One folder for everything: a supervisor that a test kills can't remove its own, and pytest keeps the last three runs'.
    Its name is short, since the path of a socket has at most 107 bytes."""
    folder = tempfile.mkdtemp(prefix="p-")
    os.environ["TMPDIR"] = tempfile.tempdir = folder
    config.option.basetemp = os.path.join(folder, "t")
    config.add_cleanup(lambda: shutil.rmtree(folder))


class Running:
    def __init__(self, directory: str, *flags: str, python: str = sys.executable) -> None:
        self.directory = directory
        command = [sys.executable, "-m", "bine_supervisor", "--directory", directory, "--cwd", directory]
        kernel = [] if "--kernelspec" in flags else ["--python", python]
        environment = {**os.environ, "PYTHONPATH": PACKAGE, "IPYTHONDIR": os.path.join(directory, "ipython")}
        self.process = subprocess.Popen([*command, *kernel, *flags], env=environment, stderr=subprocess.PIPE)
        self._open: list[Attached | Control] = []
        self._control: Control | None = None

    @property
    def control(self) -> Control:
        """Connected once the kernel is ready."""
        if self._control is None:
            self._control = self.connect()
            self._control.until("idle")
        return self._control

    def connect(self) -> Control:
        control = self._until_up(lambda: Control(self.directory))
        self._open.append(control)
        return control

    def attach(self, since: int | None = None) -> Attached:
        attached = self._until_up(lambda: Attached(self.directory, since))
        self._open.append(attached)
        return attached

    def executions(self) -> dict[str, dict]:
        return {one["id"]: one for one in self.control.call("executions")}

    def kernel_pid(self) -> int:
        (pid,) = children(self.process.pid)
        return pid

    def wait(self) -> int:
        code = self.process.wait(PATIENCE_S)
        self.close()
        return code

    def kill(self, number: int = signal.SIGKILL) -> None:
        self.process.send_signal(number)
        self.process.wait(PATIENCE_S)
        self.close()

    def close(self) -> None:
        for each in self._open:
            each.close()
        self._open.clear()
        self._control = None
        if self.process.stderr:
            self.process.stderr.close()

    def _until_up(self, connect):
        """The socket appears when the supervisor is there. Python cannot watch a folder, so this looks again and again."""
        while True:
            with contextlib.suppress(FileNotFoundError, ConnectionRefusedError):
                return connect()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(0.01)
                raise AssertionError(self.process.stderr.read().decode())


@pytest.fixture
def start(tmp_path) -> Iterator:
    """Starts a supervisor in the test's folder, or another one; all end with the test."""
    started: list[Running] = []

    def begin(*flags: str, directory: str = str(tmp_path), python: str = sys.executable) -> Running:
        started.append(Running(directory, *flags, python=python))
        return started[-1]

    yield begin
    for running in started:
        if running.process.poll() is None:
            running.kill(signal.SIGTERM)
        running.close()


def children(pid: int) -> list[int]:
    with open(f"/proc/{pid}/task/{pid}/children") as file:
        return [int(word) for word in file.read().split()]
