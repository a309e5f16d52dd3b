from client import frames, printed


def reply(value: str, request=None) -> list[bytes]:
    return frames("stdin", "input_reply", {"value": value, "status": "ok"}, parent=request.header if request else None)


def asked(log):
    return log.until(lambda one: one.kind == "input_request")[-1]


def test_a_question_is_answered(start):
    running = start()
    log = running.attach(0)
    cell = running.control.execute("print('got', input('name? '))")
    question = asked(log)
    assert question.content["prompt"] == "name? "
    running.control.request(reply("hop", question))
    messages = log.ended(cell)
    assert printed(messages) == "got hop\n"
    assert [one.content for one in messages if one.kind == "answered"] == [{"request": question.header["msg_id"]}]


def test_a_client_that_comes_later_is_asked_again_and_the_first_answer_wins(start):
    running = start()
    log = running.attach(0)
    cell = running.control.execute("print('got', input('name? '))\nprint('then', input())")
    question = asked(log)
    late = running.attach()
    assert [one.kind for one in late.until(lambda one: one.kind == "input_request")] == ["attached", "input_request"]
    missed = running.attach(question.seq)
    assert asked(missed).seq == 0
    running.control.request(reply("first", question))
    running.control.request(reply("second", question))
    second = log.until(lambda one: one.kind == "input_request")
    running.control.request(reply("next", second[-1]))
    assert printed([*second, *log.ended(cell)]) == "got first\nthen next\n"


def test_nobody_is_asked_what_was_answered(start):
    running = start()
    log = running.attach(0)
    cell = running.control.execute("input()")
    running.control.request(reply("x", asked(log)))
    log.ended(cell)
    late = running.attach()
    other = running.control.execute("1")
    assert "input_request" not in [one.kind for one in late.ended(other)]


def test_a_password_is_not_written_down(start, tmp_path):
    running = start()
    log = running.attach(0)
    cell = running.control.execute("import getpass; len(getpass.getpass('key: '))")
    running.control.request(reply("hunter2hunter2", asked(log)))
    results = [one.content["data"]["text/plain"] for one in log.ended(cell) if one.kind == "execute_result"]
    assert results == ["14"]
    assert b"hunter2" not in b"".join(path.read_bytes() for path in tmp_path.glob("log-*"))


def test_an_interrupt_shows_the_cell_and_not_the_insides_of_the_kernel(start):
    running = start()
    log = running.attach(0)
    cell = running.control.execute("name = input('name? ')")
    asked(log)
    running.control.call("interrupt")
    (error,) = [one.content for one in log.ended(cell) if one.kind == "error"]
    # What it says depends on whether the kernel waits already or is about to.
    assert (error["ename"], error["evalue"]) in [("KeyboardInterrupt", "Interrupted by user"), ("KeyboardInterrupt", "")]
    said = "\n".join(error["traceback"])
    assert "ipykernel/" not in said
    assert "launcher.py" not in said
    assert len(said.splitlines()) < 10


def test_an_interrupt_deep_in_the_kernel_shows_the_cell_alone(start):
    """It may come while the kernel sends the question, in any library that it uses for that."""
    running = start()
    log = running.attach(0)
    cell = running.control.execute(
        """
session = get_ipython().kernel.session
own = session.send

def send(*arguments, **options):
    session.send = own
    raise KeyboardInterrupt  # deep inside

session.send = send
input('name? ')
"""
    )
    (error,) = [one.content for one in log.ended(cell) if one.kind == "error"]
    said = "\n".join(error["traceback"])
    assert error["ename"] == "KeyboardInterrupt"
    assert "ipykernel/" not in said
    assert "deep inside" not in said.split("Traceback")[-1].split("input(")[-1]
