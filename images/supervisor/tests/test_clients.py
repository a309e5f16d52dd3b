import json
import socket
import struct
import sys

import pytest
from client import Attached, Control, folder, frames, printed

LINES = "".join(f"{i}\n" for i in range(20_000))


def memory(pid: int, what: str = "VmHWM") -> int:
    """Bytes."""
    with open(f"/proc/{pid}/status") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith(what + ":"))


def test_a_slow_reader_gets_20000_flushed_prints_complete_and_in_order(start):
    running = start()
    slow = running.attach(0)
    slow.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    cell = running.control.execute("for i in range(20_000): print(i, flush=True)")
    quick = running.attach(0)
    assert printed(quick.ended(cell)) == LINES, "the kernel was not held up by the one who has not read a line"
    assert printed(slow.ended(cell)) == LINES


def test_200_mb_pass_through_little_memory(start):
    running = start()
    log = running.attach(0)
    away = running.attach(0)
    cell = running.control.execute("import sys\nfor i in range(200): sys.stdout.write('x' * (1 << 20)); sys.stdout.flush()")
    assert len(printed(log.ended(cell))) == 200 << 20
    assert memory(running.process.pid) < 150 << 20
    assert len(printed(away.ended(cell))) == 200 << 20
    assert memory(running.process.pid) < 150 << 20


def test_one_enormous_print_arrives_in_pieces(start):
    running = start()
    log = running.attach(0)
    cell = running.control.execute("print('x' * 50_000_000)")
    messages = log.ended(cell)
    assert printed(messages) == "x" * 50_000_000 + "\n"
    assert max(len(one.content["text"]) for one in messages if one.kind == "stream") <= 256 << 10


def test_a_kernel_that_prints_without_flushing_does_not_hoard(start):
    running = start()
    log = running.attach(0)
    cell = running.control.execute(
        "import resource\nbefore = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "for i in range(300): print('x' * 999_999)\n"
        "resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before"
    )
    messages = log.ended(cell)
    assert len(printed(messages)) == 300_000_000
    (grown,) = [one.content["data"]["text/plain"] for one in messages if one.kind == "execute_result"]
    assert int(grown) < 150_000, "kilobytes"


def test_every_client_sees_the_same_numbers_from_where_it_began(start):
    running = start()
    whole = running.attach(0)
    first = running.control.execute("print('one')")
    seen = whole.ended(first)
    half = running.attach(seen[-1].seq)
    second = running.control.execute("print('two')")
    rest = whole.ended(second)
    assert [one.seq for one in half.ended(second)][1:] == [one.seq for one in rest]
    assert [one.seq for one in seen + rest] == list(range(len(seen + rest)))


def test_reading_goes_on_across_segments_and_gaps(start):
    running = start("--quota", str(1 << 20))
    log = running.attach(0)
    cell = running.control.execute("for i in range(5000): print('x' * 2000, flush=True)")
    log.ended(cell)
    again = running.attach(0)
    expected = 1
    for one in again.ended(cell)[1:]:
        if one.kind == "gap":
            assert one.content["from"] == expected
            assert one.content["reason"] == "the log reached its quota"
        else:
            assert one.seq == expected
        expected = one.seq + 1
    attached = next(iter(running.attach(0)))
    assert attached.content["oldest"] == 1, "the beginning is kept"


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\0\0\0\0\0",
        b"\xff\xff\xff\xff\1",
        struct.pack("<IB", 3, 1) + b"{}",
        struct.pack("<IB", 5, 1) + b"null",
        struct.pack("<IB", 21, 1) + b'{"call":1,"do":"stop"}'[:20],
        struct.pack("<IB", 31, 1) + b'{"attach": true, "since": "no"}'[:30],
        struct.pack("<IB", 9, 2) + b"\0" * 8,
        struct.pack("<IB", 2, 9) + b"x",
    ],
)
def test_nonsense_costs_only_the_one_who_says_it(start, nonsense):
    running = start()
    control = running.control
    bad = socket.socket(socket.AF_UNIX)
    with folder(running.directory) as here:
        bad.connect(f"/proc/self/fd/{here}/supervisor.sock")
    bad.settimeout(20)
    bad.sendall(nonsense)
    assert bad.recv(1) == b""
    bad.close()
    log = running.attach(0)
    log.ended(control.execute("1"))


def test_a_reader_that_leaves_in_the_middle_is_forgotten(start):
    running = start()
    cell = running.control.execute("import sys\nfor i in range(20): sys.stdout.write('x' * (1 << 20)); sys.stdout.flush()")
    for _ in range(5):
        Attached(running.directory, 0).close()
    Control(running.directory).close()
    running.attach(0).ended(cell)


def test_states_are_pushed(start):
    running = start()
    control = running.control
    control.execute("import time; time.sleep(0.3)")
    control.until("busy")
    head = control.states[-1]["head"]
    assert control.until("idle")["head"] > head


def test_widgets_are_handed_over_folded(start):
    running = start()
    log = running.attach(0)
    cell = running.control.execute(
        "import ipywidgets\nslider = ipywidgets.IntSlider()\n"
        "for i in range(50): slider.value = i\n"
        "image = ipywidgets.Image(value=b'pixels')\ngone = ipywidgets.Text(); gone.close()"
    )
    messages = log.ended(cell)
    history = [one for one in messages if one.kind.startswith("comm_")]
    folded = running.attach()
    other = running.control.execute("1")
    opened = [one for one in folded.ended(other) if one.kind == "comm_open"]
    states = {one.content["data"]["state"]["_model_name"]: one for one in opened}
    assert states["IntSliderModel"].content["data"]["state"]["value"] == 49
    assert states["ImageModel"].buffers == [b"pixels"]
    assert "TextModel" not in states
    assert all(one.seq == 0 for one in opened) and len(opened) < len(history) / 5
    known = running.attach(0)
    assert next(iter(known)).kind == "attached"
    assert next(iter(known)).seq == 1, "who reads everything needs no fold"


def test_a_widget_that_a_client_moved_is_folded_too(start):
    running = start()
    log = running.attach(0)
    cell = running.control.execute("import ipywidgets; slider = ipywidgets.IntSlider(); slider.model_id")
    messages = log.ended(cell)
    (model,) = [one.content["data"]["text/plain"].strip("'") for one in messages if one.kind == "execute_result"]
    update = {"comm_id": model, "data": {"method": "update", "state": {"value": 7}, "buffer_paths": []}}
    running.control.request(frames("shell", "comm_msg", update))
    check = running.control.execute("print(slider.value)")
    assert printed(log.ended(check)) == "7\n"
    opened = running.attach().until(lambda one: one.content.get("comm_id") == model)[-1]
    assert opened.content["data"]["state"]["value"] == 7
    running.control.call("restart")
    fresh = running.attach()
    last = running.control.execute("1")
    assert "comm_open" not in [one.kind for one in fresh.ended(last)], "widgets end with their kernel"


def test_another_kernel_is_run_by_its_spec(start, tmp_path):
    spec = tmp_path / "kernel.json"
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec.write_text(json.dumps({"argv": argv, "env": {"FROM_SPEC": "yes"}, "interrupt_mode": "message"}))
    running = start("--kernelspec", str(spec))
    log = running.attach(0)
    cell = running.control.execute("import os; print(os.environ['FROM_SPEC'], flush=True)\nwhile True: pass")
    log.until(lambda one: one.kind == "stream" and one.content["text"] == "yes\n")
    running.control.call("interrupt")
    messages = log.ended(cell)
    assert "interrupt_request" in [one.kind for one in messages]
    assert running.executions()[cell]["error"]["name"] == "KeyboardInterrupt"
