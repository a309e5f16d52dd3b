"""What dies, and what is known of it afterwards."""

import os
import resource
import signal

import pytest
from client import Refused, printed


def gone(pid: int) -> None:
    """Waits until a process that is not our child is no more."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    import select

    poll = select.poll()
    poll.register(handle, select.POLLIN)
    assert poll.poll(20_000), f"process {pid} lives"
    os.close(handle)


def test_a_killed_kernel_says_so_in_the_cell_and_a_restart_revives_it(start):
    running = start()
    log = running.attach(0)
    cell = running.control.execute("print('on', flush=True)\nwhile True: pass")
    queued = running.control.execute("2")
    log.until(lambda one: one.kind == "stream")
    os.kill(running.kernel_pid(), signal.SIGKILL)
    messages = log.until(lambda one: one.kind == "ended")
    mine = [(one.kind, one.content.get("ename")) for one in messages if one.parent.get("msg_id") == cell]
    assert mine == [("error", "KernelDied"), ("execute_reply", "KernelDied"), ("status", None)]
    assert [one.content.get("status") for one in messages if one.parent.get("msg_id") == queued] == ["aborted", None]
    sessions = {one.header["session"] for one in messages if one.parent.get("msg_id") in (cell, queued)}
    assert len(sessions) == 1 and sessions.pop() != "", "what is made up has the kernel's session"
    assert messages[-1].content == {
        "epoch": 1,
        "cause": "The kernel was killed by SIGKILL",
        "exit_code": None,
        "signal": "SIGKILL",
        "oom": False,
        "expected": False,
    }
    state = running.control.until("dead")
    assert state["cause"] == "The kernel was killed by SIGKILL"
    assert [one["state"] for one in running.executions().values()] == ["failed", "aborted"]
    with pytest.raises(Refused, match="Restart it"):
        running.control.execute("1")
    running.control.call("restart")
    again = running.control.execute("print('again')")
    assert printed(log.ended(again)) == "again\n"
    assert running.executions()[again]["epoch"] == 2


@pytest.mark.parametrize(
    ("code", "cause"),
    [
        ("import os; os._exit(3)", "exited with code 3"),
        ("import os, signal; os.kill(os.getpid(), signal.SIGSEGV)", "was killed by SIGSEGV"),
        ("import ctypes; ctypes.string_at(0)", "was killed by SIGSEGV"),
    ],
)
def test_the_cause_of_a_death_is_told(start, code, cause):
    running = start()
    log = running.attach(0)
    running.control.execute(code)
    assert cause in log.until(lambda one: one.kind == "ended")[-1].content["cause"]


def test_what_was_printed_before_a_crash_is_kept(start):
    running = start()
    log = running.attach(0)
    running.control.execute("for i in range(3000): print(i, flush=True)\nimport os; os._exit(1)")
    messages = log.until(lambda one: one.kind == "ended")
    assert printed(messages).startswith("".join(f"{i}\n" for i in range(2800)))


def test_a_kernel_that_cannot_start_says_why(start, tmp_path):
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'ipykernel'\" >&2; exit 1\n")
    broken.chmod(0o755)
    running = start(python=str(broken))
    state = running.connect().until("dead")
    assert state["cause"] == "The kernel exited with code 1 before it was ready: ModuleNotFoundError: No module named 'ipykernel'"


def test_a_python_that_is_not_there_is_told(start):
    state = start(python="/nowhere/python").connect().until("dead")
    assert "/nowhere/python" in state["cause"]


def test_the_kernel_dies_with_a_killed_supervisor_and_the_next_one_knows_what_was_lost(start):
    running = start()
    log = running.attach(0)
    done = running.control.execute("print('done')")
    cell = running.control.execute("print('on', flush=True)\nimport time; time.sleep(600)")
    queued = running.control.execute("2")
    before = log.until(lambda one: one.kind == "stream" and one.content["text"] == "on\n")
    kernel = running.kernel_pid()
    running.kill()
    gone(kernel)
    running = start()
    states = {each: one["state"] for each, one in running.executions().items()}
    assert states == {done: "succeeded", cell: "unknown", queued: "aborted"}
    messages = running.attach(0).until(lambda one: one.kind == "started" and one.content["epoch"] == 2)
    assert [(one.seq, one.kind) for one in messages[1 : len(before)]] == [(one.seq, one.kind) for one in before[1:]]
    assert [one.seq for one in messages[1:]] == list(range(1, len(messages))), "the numbers go on"
    ended = [one for one in messages if one.kind == "ended"]
    assert len(ended) == 1 and ended[0].content["expected"] is False
    assert [one.kind for one in messages if one.parent.get("msg_id") == cell][-3:] == ["error", "execute_reply", "status"]
    running.control.execute("print('on')", cell)
    running.control.execute("2", queued)
    last = running.control.execute("print('fresh')")
    assert "on" not in printed(running.attach(messages[-1].seq).ended(last)), "nothing is sent again"


def test_an_orderly_end_leaves_nothing_to_recover(start):
    running = start()
    running.control.call("shutdown")
    assert running.wait() == 0
    running = start()
    _ = running.control
    messages = running.attach(0).until(lambda one: one.kind == "started" and one.content["epoch"] == 2)
    assert [one.content["expected"] for one in messages if one.kind == "ended"] == [True]


def test_what_the_kernel_leaves_behind_is_ended_and_reaped(start):
    running = start()
    log = running.attach(0)
    cell = running.control.execute(
        "import subprocess\nprint(subprocess.Popen('sleep 600 & echo $!; sleep 600', shell=True, start_new_session=True, "
        "stdout=subprocess.PIPE).stdout.readline().decode(), flush=True)"
    )
    pid = int(printed(log.ended(cell)))
    running.control.call("restart")
    gone(pid)


def test_a_restart_aborts_what_ran_and_goes_on_in_the_same_log(start):
    running = start()
    log = running.attach(0)
    kept = running.control.execute("x = 1")
    cell = running.control.execute("while True: pass")
    queued = running.control.execute("2")
    log.until(lambda one: one.kind == "execute_input" and one.parent["msg_id"] == cell)
    running.control.call("restart")
    fresh = running.control.execute("print('x' in globals())")
    messages = log.ended(fresh)
    assert printed(messages) == "False\n"
    states = {each: one["state"] for each, one in running.executions().items()}
    assert states == {kept: "succeeded", cell: states[cell], queued: "aborted", fresh: "succeeded"}
    assert states[cell] in ("aborted", "failed")
    assert [one.content["epoch"] for one in messages if one.kind in ("started", "ended")] == [1, 2]


def test_only_one_supervisor_has_a_folder(start):
    first = start()
    _ = first.control
    assert start().wait() == 3
    first.control.execute("1")


def test_a_folder_that_cannot_be_used_is_refused(start):
    assert start(directory="/proc/nowhere").wait() == 2


def test_a_cell_whose_beginning_died_with_the_kernel_has_begun_and_failed(start):
    running = start()
    log = running.attach(0)
    log.ended(running.control.execute("1"))
    os.kill(running.kernel_pid(), signal.SIGSTOP)
    lost = running.control.execute("1")
    os.kill(running.kernel_pid(), signal.SIGKILL)
    kinds = [one.kind for one in log.ended(lost) if one.parent.get("msg_id") == lost]
    assert kinds == ["status", "error", "execute_reply", "status"]
    execution = running.executions()[lost]
    assert execution["state"] == "failed"
    assert execution["started"] is not None


def test_a_full_disk_never_holds_up_the_kernel(start, tmp_path):
    running = start()
    log = running.attach(0)
    ready = running.control.execute("1")
    log.ended(ready)
    whole = resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE)
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, (200_000, whole[1]))
    flood = running.control.execute("for i in range(4000): print('x' * 1000, flush=True)\nprint('end')")
    messages = log.ended(flood)
    gaps = [one.content for one in messages if one.kind == "gap"]
    assert sum(gap["bytes"] for gap in gaps) > 1_500_000
    assert all("could not be written" in gap["reason"] for gap in gaps)
    resource.prlimit(running.process.pid, resource.RLIMIT_FSIZE, whole)
    while "room" not in printed(log.ended(running.control.execute("print('room')"))):
        pass
    running.control.call("shutdown")
    assert running.wait() == 0
    from test_log import told

    numbers = told(tmp_path)
    assert numbers == list(range(1, numbers[-1] + 1))


def test_a_supervisor_that_fails_says_how_in_its_last_line(tmp_path, start):
    (tmp_path / "journal").mkdir()
    running = start()
    _, said = running.process.communicate(timeout=60)
    assert running.process.returncode == 70
    lines = said.decode().splitlines()
    assert any("Traceback" in line for line in lines)
    assert lines[-1].startswith("Bine's supervisor failed: IsADirectoryError: ")
