"""The log alone: quota, full disks, recovery. A file size limit of the process stands for the full disk."""

import contextlib
import json
import os
import resource

import pytest

from bine_supervisor import wire
from bine_supervisor.log import Log
from bine_supervisor.segments import NAME

QUOTA = 4 << 20
SMALL = 100
LARGE = 20_000


def frames(kind: str, size: int = SMALL) -> list[bytes]:
    return [b"iopub", json.dumps({"msg_type": kind}).encode(), b"{}", b"{}", b'"' + b"x" * size + b'"']


def fill(log: Log, count: int, size: int = LARGE) -> None:
    for _ in range(count):
        log.append(frames("stream", size), matters=False)
        log.flush()


def content(directory) -> list[wire.Record]:
    found = []
    for name in sorted(name for name in os.listdir(directory) if NAME.fullmatch(name)):
        with open(os.path.join(directory, name), "rb") as file:
            found += wire.records(memoryview(file.read()))
    return found


def gap(record: wire.Record) -> dict | None:
    return json.loads(bytes(record.frames[4])) if json.loads(bytes(record.frames[1]))["msg_type"] == "gap" else None


def told(directory) -> list[int]:
    """All numbers that the log has or says it has not, in order."""
    numbers = []
    for record in content(directory):
        missing = gap(record)
        numbers += range(missing["from"], missing["to"] + 1) if missing else [record.seq]
    return numbers


@contextlib.contextmanager
def disk_full_at(size: int):
    """No file can grow beyond this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_numbers_go_on_in_the_next_life(tmp_path):
    log = Log(str(tmp_path), QUOTA)
    log.epoch = 1
    fill(log, 3)
    log.close()
    log = Log(str(tmp_path), QUOTA)
    assert (log.head, log.epoch, log.last_kind) == (3, 1, "stream")
    fill(log, 1)
    log.close()
    assert told(tmp_path) == [1, 2, 3, 4]


@pytest.mark.parametrize("tail", [b"\0" * 10, b"\xff" * 500, b"".join(wire.encode(4, 0, 1, frames("stream")))[:-1]])
def test_cuts_off_a_torn_end(tmp_path, tail):
    log = Log(str(tmp_path), QUOTA)
    fill(log, 3)
    log.close()
    with open(tmp_path / "log-0000000000000001", "ab") as file:
        file.write(tail)
    log = Log(str(tmp_path), QUOTA)
    fill(log, 1)
    log.close()
    assert told(tmp_path) == [1, 2, 3, 4]


def test_a_segment_of_nothing_but_rubbish_goes(tmp_path):
    log = Log(str(tmp_path), QUOTA)
    fill(log, 3)
    log.close()
    (tmp_path / "log-0000000000000004").write_bytes(b"\xff" * 100)
    log = Log(str(tmp_path), QUOTA)
    assert log.head == 3
    log.close()


def test_the_quota_takes_the_middle_of_the_longest_execution(tmp_path):
    starts = [(1, 10), (11, 2000), (2001, 1 << 62)]
    log = Log(str(tmp_path), QUOTA, lambda: starts)
    fill(log, 2010)
    log.close()
    records = content(tmp_path)
    gaps = [gap(record) for record in records if gap(record)]
    assert told(tmp_path) == list(range(1, 2011)), "every number is there or said to be missing, once"
    assert len(gaps) == 1, "neighbouring gaps are joined"
    assert gaps[0]["from"] > 11 and gaps[0]["to"] < 2000
    assert gaps[0]["bytes"] > 2000 * LARGE * 0.8
    kept = {record.seq for record in records}
    assert kept.issuperset(range(1, 15)), "the beginning is kept"
    assert kept.issuperset(range(1900, 2011)), "the end is kept"
    assert sum(os.stat(tmp_path / name).st_size for name in os.listdir(tmp_path)) <= QUOTA + log.segment_size


def test_a_flood_does_not_push_out_its_neighbours(tmp_path):
    starts = [(1, 50), (51, 4000), (4001, 1 << 62)]
    log = Log(str(tmp_path), QUOTA, lambda: starts)
    fill(log, 4050)
    log.close()
    kept = {record.seq for record in content(tmp_path)}
    assert kept.issuperset(range(1, 51)) and kept.issuperset(range(4001, 4051))


def test_many_short_executions_lose_the_oldest(tmp_path):
    log = Log(str(tmp_path), QUOTA, lambda: [(first, first + 2) for first in range(1, 1000, 3)])
    fill(log, 1000)
    assert log.oldest > 500
    log.close()
    first = content(tmp_path)[0]
    assert gap(first)["from"] == 1
    assert told(tmp_path) == list(range(1, 1001))


def test_a_message_beyond_all_measure_becomes_a_gap(tmp_path):
    log = Log(str(tmp_path), QUOTA)
    fill(log, 1)
    fill(log, 1, QUOTA)
    fill(log, 1)
    log.close()
    assert [gap(record) and gap(record)["from"] for record in content(tmp_path)] == [None, 2, None]


def test_a_full_disk_holds_what_matters_and_counts_the_rest(tmp_path):
    log = Log(str(tmp_path), QUOTA)
    fill(log, 2)
    size = log.segments[-1].size
    with disk_full_at(size + 1000):
        fill(log, 10)
        log.append(frames("status"))
        fill(log, 10)
        log.append(frames("execute_reply"))
        log.flush()
        assert log.full is not None
        segment, offset = log.end()
        assert offset > segment.size == size, "readers see what is held"
    log.close()
    kinds = [json.loads(bytes(record.frames[1]))["msg_type"] for record in content(tmp_path)]
    assert kinds == ["stream", "stream", "gap", "status", "gap", "execute_reply"]
    assert told(tmp_path) == list(range(1, 25))


def test_what_is_held_is_bounded(tmp_path):
    log = Log(str(tmp_path), QUOTA)
    fill(log, 1)
    with disk_full_at(log.segments[-1].size):
        for _ in range(60_000):
            log.append(frames("status"))
        log.flush()
        assert len(log.held) <= 4 << 20
    log.close()
    assert told(tmp_path) == list(range(1, 60_002))


def test_a_full_disk_holds_short_output_too_but_not_in_the_room_of_what_matters(tmp_path):
    log = Log(str(tmp_path), QUOTA)
    fill(log, 1)
    with disk_full_at(log.segments[-1].size):
        fill(log, 1)
        fill(log, 1, SMALL)
        last_words = log.head
        fill(log, 30_000, SMALL)
        assert (2 << 20) - 4 * SMALL < len(log.held) <= 2 << 20
        log.append(frames("execute_reply"))
    log.close()
    kept = {record.seq: gap(record) for record in content(tmp_path)}
    assert kept[last_words] is None
    assert kept[log.head] is None
    assert told(tmp_path) == list(range(1, log.head + 1))


def test_goes_on_when_there_is_room_again(tmp_path, monkeypatch):
    monkeypatch.setattr("bine_supervisor.log.RETRY_S", 0)
    log = Log(str(tmp_path), QUOTA)
    with disk_full_at(500):
        fill(log, 3)
        assert log.full is not None
    log.flush()
    assert log.full is None
    fill(log, 2)
    log.close()
    assert told(tmp_path) == [1, 2, 3, 4, 5]
    assert [gap(record) and gap(record)["to"] for record in content(tmp_path)][-3:] == [3, None, None]
