"""What Linux does for us: dying with the parent, dying first when memory runs out, reaping, meters of the container."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections import namedtuple
from collections.abc import Iterator

OVER_QUOTA = "The project is over its disk quota: files must be deleted, or this is ended soon"
"""What SIGUSR1 means to us."""

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36


def _prctl(*arguments: int) -> None:
    import ctypes  # a job's program waits for what is loaded

    ctypes.CDLL(None, use_errno=True).prctl(*arguments)


def become_subreaper() -> None:
    """What the kernel's programs leave behind becomes ours, as it would if we were process 1 of a container."""
    _prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def prepare_child(parent: int) -> None:
    """Runs in the kernel's process before exec: it ends when we end, and goes first when memory runs out."""
    _prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)
    try:
        with open("/proc/self/oom_score_adj", "w") as file:
            file.write("1000")
    except OSError:
        pass  # hardened systems forbid it; the kernel is then an ordinary candidate


def reap() -> Iterator[tuple[int, int]]:
    """Pid and wait status of every child that has ended."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        yield pid, status


def kill_descendants() -> None:
    """Ends the processes that became ours because the kernel left them behind, generation after generation."""
    me = os.getpid()
    deadline = time.monotonic() + 1
    while time.monotonic() < deadline:
        children = [pid for pid, parent in _parents() if parent == me]
        if not children:
            return
        for pid in children:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.002)
        for _ in reap():
            pass


def _parents() -> Iterator[tuple[int, int]]:
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat", "rb") as file:
                    yield int(name), int(file.read().rsplit(b")", 1)[1].split()[1])
            except (OSError, ValueError, IndexError):
                continue


Exit = namedtuple("Exit", "code signal")
"""How a process ended: an exit code or the name of a signal; the other is None."""


def describe_exit(status: int) -> Exit:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        return Exit(code, None)
    try:
        return Exit(None, signal.Signals(-code).name)
    except ValueError:
        return Exit(None, f"signal {-code}")


class Meters:
    """Memory, processor time and out-of-memory kills of the container, from cgroup v2 or v1."""

    def __init__(self, root: str = "/sys/fs/cgroup") -> None:
        self._root = root
        self._cpu: tuple[float, float] | None = None

    def memory(self) -> int | None:
        """Bytes in use, without the files that could be dropped from the cache at once."""
        used = self._number("memory.current")
        stat = "memory.stat"
        inactive = "inactive_file"
        if used is None:
            used = self._number("memory/memory.usage_in_bytes")
            stat, inactive = "memory/memory.stat", "total_inactive_file"
        if used is None:
            return None
        return max(0, used - (self._entry(stat, inactive) or 0))

    def limit(self) -> int | None:
        """Bytes, or None if there is no limit."""
        limit = self._number("memory.max") or self._number("memory/memory.limit_in_bytes")
        return None if limit is None or limit >= 1 << 60 else limit

    def out_of_memory(self) -> int:
        """How many processes the system has killed for want of memory."""
        found = self._entry("memory.events", "oom_kill")
        return found if found is not None else self._entry("memory/memory.oom_control", "oom_kill") or 0

    def cores(self) -> float | None:
        """Processors in use on average since the last call; None at the first."""
        micro = self._entry("cpu.stat", "usage_usec")
        if micro is None:
            nano = self._number("cpuacct/cpuacct.usage") or self._number("cpu,cpuacct/cpuacct.usage")
            micro = None if nano is None else nano // 1000
        if micro is None:
            return None
        now = (time.monotonic(), micro / 1e6)
        before, self._cpu = self._cpu, now
        if before is None or now[0] <= before[0]:
            return None
        return round(max(0.0, (now[1] - before[1]) / (now[0] - before[0])), 3)

    def _read(self, name: str) -> str | None:
        try:
            with open(os.path.join(self._root, name)) as file:
                return file.read()
        except OSError:
            return None

    def _number(self, name: str) -> int | None:
        text = (self._read(name) or "").strip()
        return int(text) if text.isdigit() else None

    def _entry(self, name: str, key: str) -> int | None:
        for line in (self._read(name) or "").splitlines():
            words = line.split()
            if len(words) == 2 and words[0] == key and words[1].isdigit():
                return int(words[1])
        return None
