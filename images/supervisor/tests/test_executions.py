import os
import signal
import time

import pytest
from client import Refused, frames, printed


def states(running, *ids):
    found = running.executions()
    return [found[each]["state"] for each in ids]


def test_what_was_queued_when_a_cell_failed_is_aborted_and_what_comes_later_is_run(start):
    running = start()
    control = running.control
    log = running.attach(0)
    gate = control.execute("import time; time.sleep(0.3); 1/0")
    queued = [control.execute(f"print({n})") for n in range(20)]
    log.ended(queued[-1])
    later = control.execute("print('later')")
    messages = log.ended(later)
    assert states(running, gate, *queued, later) == ["failed", *["aborted"] * 20, "succeeded"]
    assert printed(messages) == "later\n"


def test_a_failure_never_aborts_what_was_sent_after_its_reply(start):
    """ipykernel itself aborts for a while after a failure; a request in that time must not be lost."""
    running = start()
    log = running.attach(0)
    for _ in range(30):
        failing = running.control.execute("1/0")
        log.until(lambda one, failing=failing: one.kind == "execute_reply" and one.parent.get("msg_id") == failing)
        later = running.control.execute("1")
        log.ended(later)
        assert states(running, failing, later) == ["failed", "succeeded"]


def test_the_rest_of_a_batch_is_aborted_though_it_arrives_after_the_failure(start):
    running = start()
    log = running.attach(0)
    first = running.control.execute("1/0", metadata={"batch": "run all", "cellId": "one"})
    log.ended(first)
    rest = running.control.execute("print(2)", metadata={"batch": "run all"})
    other = running.control.execute("print(3)", metadata={"batch": "another"})
    assert printed(log.ended(other)) == "3\n"
    assert states(running, first, rest, other) == ["failed", "aborted", "succeeded"]


def test_a_failure_that_stops_nobody_stops_nobody(start):
    running = start()
    log = running.attach(0)
    failing = [running.control.execute("1/0", stop_on_error=False), running.control.execute("1/0", silent=True)]
    last = running.control.execute("print('on')")
    assert printed(log.ended(last)) == "on\n"
    assert states(running, *failing, last) == ["failed", "failed", "succeeded"]


def test_an_interrupt_aborts_the_whole_queue_even_between_cells(start):
    running = start()
    log = running.attach(0)
    queue = [running.control.execute("pass") for _ in range(50)] + [running.control.execute("while True: pass") for _ in range(5)]
    running.control.call("interrupt")
    log.ended(queue[-1])
    for each in queue:
        if running.executions()[each]["state"] == "running":
            # From the first record: one half of its end may have been read on the way.
            running.attach(0).ended(each)
    after = states(running, *queue)
    assert set(after) <= {"succeeded", "failed", "aborted"}
    assert after[-5:] == ["aborted"] * 5 or after.count("failed") == 1
    assert after == sorted(after, key=["succeeded", "failed", "aborted"].index)


def test_an_interrupt_of_a_cell_that_is_just_beginning_is_not_lost(start):
    running = start()
    for _ in range(10):
        log = running.attach()
        log.record()
        endless = running.control.execute("while True: pass")
        running.control.call("interrupt")
        log.ended(endless)
        assert states(running, endless) == ["failed"]


def test_interrupts_an_input_and_a_child(start):
    running = start()
    for code in ("input()", "import subprocess; subprocess.run(['sleep', '600'])", "import asyncio\nawait asyncio.sleep(600)"):
        log = running.attach()
        log.record()
        waiting = running.control.execute(code)
        log.until(lambda one: one.kind == "execute_input")
        if code == "input()":
            log.until(lambda one: one.kind == "input_request")
        time.sleep(0.1)  # until the child runs, which nothing tells
        running.control.call("interrupt")
        log.ended(waiting)
        assert states(running, waiting) == ["failed"]


def test_an_execution_says_what_it_was_and_where_it_stands(start):
    running = start()
    log = running.attach(0)
    one = running.control.execute("print(1)\n1/0", metadata={"cellId": "cell-1"})
    messages = log.ended(one)
    execution = running.executions()[one]
    mine = [each.seq for each in messages if one in (each.header["msg_id"], each.parent.get("msg_id"))]
    assert (execution["first"], execution["last"]) == (mine[0], mine[-1])
    assert execution["cell"] == "cell-1" and execution["count"] == 1 and execution["epoch"] == 1
    assert execution["error"] == {"name": "ZeroDivisionError", "value": "division by zero"}
    assert execution["submitted"] <= execution["started"] <= execution["ended"]


def test_the_log_has_what_the_client_sent_not_what_the_kernel_got(start):
    running = start()
    log = running.attach(0)
    one = running.control.execute("1", metadata={"cellId": "c"})
    (request,) = [each for each in log.ended(one) if each.header["msg_id"] == one]
    assert request.channel == "shell" and request.metadata == {"cellId": "c"} and request.content["stop_on_error"] is True


def test_the_same_request_is_run_once(start):
    running = start()
    log = running.attach(0)
    for _ in range(3):
        running.control.execute("print('x')", "the-same")
    last = running.control.execute("1")
    assert printed(log.ended(last)) == "x\n"


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        ([b"iopub", b"{}", b"{}", b"{}", b"{}"], "channel"),
        ([b"shell", b"[]", b"{}", b"{}", b"{}"], "header"),
        ([b"shell", b'{"msg_id": "1", "msg_type": 5, "session": ""}', b"{}", b"{}", b"{}"], "header.msg_type"),
        ([b"shell", b'{"msg_id": "", "msg_type": "x", "session": ""}', b"{}", b"{}", b"{}"], "header.msg_id"),
        ([*frames("shell", "execute_request", {})[:4], b"nonsense"], "content"),
    ],
)
def test_says_what_is_wrong_with_a_request(start, broken, why):
    with pytest.raises(Refused, match=why):
        start().control.request(broken)


def test_other_requests_are_answered_between_the_cells_of_a_queue(start):
    running = start()
    log = running.attach(0)
    queue = [running.control.execute("import time; time.sleep(0.2)") for _ in range(4)]
    running.control.request(frames("shell", "complete_request", {"code": "pri", "cursor_pos": 3}))
    order = [each.kind for each in log.ended(queue[-1]) if each.kind in ("execute_reply", "complete_reply")]
    assert order.index("complete_reply") <= 1


def test_sigterm_ends_everything_in_order(start):
    running = start()
    running.control.execute("while True: pass")
    log = running.attach(0)
    log.until(lambda one: one.kind == "execute_input")
    kernel = running.kernel_pid()
    running.process.send_signal(signal.SIGTERM)
    ended = log.until(lambda one: one.kind == "ended")[-1]
    assert ended.content["expected"] is True
    assert running.wait() == 0
    with pytest.raises(ProcessLookupError):
        os.kill(kernel, 0)


def test_a_disk_quota_is_told_in_the_outputs_of_the_cell_that_runs(start, tmp_path):
    running = start()
    log = running.attach(0)
    go = tmp_path / "go"
    cell = running.control.execute(f"import os, time\nprint('up')\nwhile not os.path.exists({str(go)!r}): time.sleep(0.01)")
    log.until(lambda one: one.kind == "stream" and one.content["text"] == "up\n")
    os.kill(running.process.pid, signal.SIGUSR1)
    told = log.until(lambda one: one.kind == "stream" and "over its disk quota" in one.content["text"])[-1]
    assert (told.content["name"], told.parent["msg_id"]) == ("stderr", cell)
    go.touch()
    log.ended(cell)
    os.kill(running.process.pid, signal.SIGUSR1)
    told = log.until(lambda one: one.kind == "stream" and "over its disk quota" in one.content["text"])[-1]
    assert told.parent == {}
