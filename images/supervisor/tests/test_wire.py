import pytest

from bine_supervisor import wire

FRAMES = [b"iopub", b"{}", b"{}", b"{}", b'{"text": "x"}', b"\x00" * 1000]


def data(*numbers: int) -> bytes:
    return b"".join(part for number in numbers for part in wire.encode(number, 5, 2, FRAMES))


def test_gives_back_what_was_written():
    (record,) = wire.records(memoryview(data(7)))
    assert (record.seq, record.time, record.epoch) == (7, 5, 2)
    assert [bytes(frame) for frame in record.frames] == FRAMES
    assert record.size == len(data(7)) == wire.size_of(FRAMES)


@pytest.mark.parametrize("cut", [1, 31, 32, 40, 100])
def test_ends_where_a_record_was_torn(cut):
    whole = data(1, 2)
    assert [record.seq for record in wire.records(memoryview(whole[:-cut]))] == [1]


@pytest.mark.parametrize("at", [0, 5, 9, 20, 29, 31, 34, 60])
def test_ends_at_a_damaged_record(at):
    first = len(data(1))
    damaged = bytearray(data(1, 2, 3))
    damaged[first + at] ^= 0x55
    assert [record.seq for record in wire.records(memoryview(damaged))] == [1]


def test_finds_the_record_after_a_number(tmp_path):
    path = tmp_path / "segment"
    path.write_bytes(data(3, 4, 6))
    with open(path, "rb") as file:
        found = [wire.seek(file.fileno(), path.stat().st_size, since) // len(data(3)) for since in (0, 3, 4, 5, 6)]
    assert found == [0, 1, 2, 2, 3]


FIVE_FRAMES = b"\1\0\0\0\5\0\0\0"


@pytest.mark.parametrize("body", [b"", b"\0" * 7, b"\1\0\0\0\xff\xff\xff\xff", FIVE_FRAMES + b"\xff" * 20, FIVE_FRAMES + b"\0" * 21])
def test_refuses_what_is_no_request(body):
    with pytest.raises(wire.Broken):
        wire.request(memoryview(body))
