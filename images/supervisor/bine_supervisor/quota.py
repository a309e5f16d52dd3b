"""Which part of a log goes when it has grown beyond its quota: the middle of the execution that printed most.

So every execution keeps its beginning and its end, and one that floods the log does not push out its neighbours. Where
segments were dropped stands one segment with a single `gap` record.
"""

from __future__ import annotations

import os
from bisect import bisect_right
from collections.abc import Sequence

from .segments import GAP_MAX, Segment, gap_record


def enforce(directory: str, segments: list[Segment], limit: int, executions: Sequence[tuple[int, int]]) -> None:
    total = sum(segment.size for segment in segments)
    while total > limit:
        victim = choose(segments, executions)
        if victim is None:
            return
        total -= segments[victim].size
        drop(directory, segments, victim)
        total += GAP_MAX


def choose(segments: Sequence[Segment], executions: Sequence[tuple[int, int]]) -> int | None:
    """Index of the segment to drop; never the last one, which is being written."""
    inner: dict[int, list[int]] = {}
    starts = [first for first, _ in executions]
    for at, segment in enumerate(segments[:-1]):
        if segment.gap is not None:
            continue
        owner = bisect_right(starts, segment.first - 1) - 1
        if owner >= 0 and segment.last < executions[owner][1] and bisect_right(starts, segment.last) - 1 == owner:
            inner.setdefault(owner, []).append(at)
    # The first inner segment is the execution's beginning: where it started may be the last line of the one before.
    spare = {owner: inside[1:] for owner, inside in inner.items() if len(inside) > 1}
    if spare:
        most = max(spare, key=lambda owner: sum(segments[at].size for at in spare[owner]))
        return spare[most][0]
    return next((at for at, segment in enumerate(segments[:-1]) if segment.gap is None), None)


def drop(directory: str, segments: list[Segment], at: int) -> None:
    """Replaces a segment by a gap and joins it with the gaps beside it, into the later file, so that no reader misses it."""
    victim = segments[at]
    content = {"from": victim.first, "to": victim.last, "bytes": victim.size, "reason": "the log reached its quota"}
    before = segments[at - 1] if at > 0 and segments[at - 1].gap else None
    after = segments[at + 1] if segments[at + 1].gap else None
    for neighbour in (before, after):
        if neighbour is not None and neighbour.gap is not None:
            content["from"] = min(content["from"], neighbour.gap["from"])
            content["to"] = max(content["to"], neighbour.gap["to"])
            content["bytes"] += neighbour.gap["bytes"]
    keep = after or victim
    record = b"".join(gap_record(content, 0))
    path = os.path.join(directory, keep.name)
    temporary = path + ".new"
    with open(temporary, "wb") as file:
        file.write(record)
    os.replace(temporary, path)
    keep.size, keep.gap, keep.last = len(record), content, content["to"]
    for segment in (before, victim):
        if segment is not None and segment is not keep:
            os.unlink(os.path.join(directory, segment.name))
            segments.remove(segment)
