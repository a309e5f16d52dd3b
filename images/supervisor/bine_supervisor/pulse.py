"""What the gateway is told of a kernel: at once when its state changes, seldom what merely grows."""

from __future__ import annotations

import time
from collections.abc import Iterator

from .executions import Executions
from .life import Life
from .log import Log
from .process import Meters

CHANGE_S = 0.05
"""A state that lasts less is not worth telling; short requests make the kernel busy for a moment."""
GROWTH_S = 1.0
SAMPLE_S = 2.0


class Pulse:
    def __init__(self, log: Log, life: Life, executions: Executions, meters: Meters) -> None:
        self._log = log
        self._life = life
        self._executions = executions
        self._meters = meters
        self.status = "idle"
        """The kernel's own word for what it does."""
        self._activity = time.time_ns() // 1_000_000
        self._memory: int | None = None
        self._cores: float | None = None
        self._told: dict = {}
        self._changed_at = self._told_at = self._sampled_at = 0.0

    def active(self) -> None:
        self._activity = time.time_ns() // 1_000_000

    @property
    def owing(self) -> bool:
        """There is something to tell as soon as it has lasted long enough."""
        return bool(self._changed_at)

    def state(self) -> str:
        life = self._life.state
        if life != "alive":
            return life
        return "busy" if self._executions.busy or self.status == "busy" else "idle"

    def all(self) -> dict:
        return {
            "state": self.state(),
            "epoch": self._log.epoch,
            "head": self._log.head,
            "oldest": self._log.oldest,
            "lastActivity": self._activity,
            "memoryUsed": self._memory,
            "cpuUsed": self._cores,
            "cause": self._life.cause if self._life.state == "dead" else None,
        }

    def due(self, moment: float) -> Iterator[dict]:
        """What is to be told now, if anything."""
        if moment - self._sampled_at > SAMPLE_S:
            self._sampled_at = moment
            self._memory, self._cores = self._meters.memory(), self._meters.cores()
        everything = self.all()
        if everything == self._told:
            self._changed_at = 0.0
            return
        changed = any(everything[name] != self._told.get(name) for name in ("state", "epoch", "cause"))
        if not changed:
            self._changed_at = 0.0
        elif not self._changed_at:
            self._changed_at = moment
        settled = changed and (moment - self._changed_at >= CHANGE_S or everything["state"] != "busy")
        if settled or moment - self._told_at >= GROWTH_S:
            self._told, self._told_at, self._changed_at = everything, moment, 0.0
            yield everything
