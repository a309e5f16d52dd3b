"""Exceptions that carry another one, with its frames, in their message: of a worker, of a cell, of a JVM."""

from __future__ import annotations

import re
from collections.abc import Sequence

FRAME = re.compile(r'Traceback \(most recent call last\)|^\s+File ".+", line \d+|^\s+at [\w.$<>/]+\(')
IN_JVM = re.compile(r"(?:Caused by: |: )((?:\w+\.)+\w*(?:Exception|Error)\b.*)")
IN_PYTHON = re.compile(r"(?:[^\W\d]\w*\.)*\w*(?:Error|Exception|Exit|Interrupt|Iteration)(?:: .+)?$")


def embedded(message: Sequence[str]) -> str | None:
    """The innermost of those whose frames are in the lines of a message."""
    if not any(FRAME.search(line) for line in message):
        return None
    for pattern in (IN_JVM, IN_PYTHON):
        found = [match for match in map(pattern.match, message) if match]
        if found:
            return found[-1][found[-1].re.groups].strip()
    return None
