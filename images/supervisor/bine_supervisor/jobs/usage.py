"""Processor and memory over time: a bounded number of samples, however long it takes, by halving how fine they are."""

from __future__ import annotations

import json
import os
import time

from ..process import Meters
from . import files

MOST = 2000


class Usage:
    def __init__(self) -> None:
        self._meters = Meters()
        self._meters.cores()
        self._samples: list[tuple[float, float, int]] = []
        self._interval = 1.0
        self._due = time.monotonic() + 0.2
        """The first early, so that a short program has one."""

    @property
    def due(self) -> float:
        """By the monotonic clock."""
        return self._due

    def tick(self, moment: float) -> None:
        if moment >= self._due:
            self._due = moment + self._interval
            self.sample()

    def sample(self) -> None:
        cores, memory = self._meters.cores(), self._meters.memory()
        if cores is None or memory is None:
            return
        self._samples.append((round(time.time(), 3), cores, memory))
        try:
            if len(self._samples) > MOST:
                self._thin()
            else:
                self._append(self._samples[-1])
        except OSError:
            pass  # no room; the next time they are all written again

    def _append(self, sample: tuple[float, float, int]) -> None:
        file = os.open("usage", os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
        os.write(file, json.dumps(sample).encode() + b"\n")
        os.close(file)

    def _thin(self) -> None:
        pairs = zip(self._samples[::2], self._samples[1::2], strict=False)
        self._samples = [(two[0], round((one[1] + two[1]) / 2, 3), max(one[2], two[2])) for one, two in pairs]
        self._interval *= 2
        files.replace_lines("usage", self._samples)
