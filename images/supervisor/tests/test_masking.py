"""Secrets do not stand in what is written, however they are said and in whichever pieces they arrive."""

import base64
import html
import json
import random
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest

from bine_supervisor.masked_messages import Messages
from bine_supervisor.masking import LEAST, MASK, PIECE, Masker, Patterns

ALPHABETS = ("ab", "abc+/=", "0123456789abcdef", "aé€\u2028\U0001f600 &<\"'\\%\n\t", "".join(map(chr, range(32, 127))))
BODY = "\n".join(base64.b64encode(random.Random(1).randbytes(48)).decode() for _ in range(12))
VECTORS = json.loads((Path(__file__).parents[3] / "test/vectors/masking.json").read_text())
"""The gateway is held to them as well: `gateway/src/adapters/secrets/masking.test.ts`."""
CERTIFICATE = f"-----BEGIN KEY-----\n{BODY}\n-----END KEY-----\n"


def text_of(chance: random.Random, longest: int) -> str:
    alphabet = chance.choice(ALPHABETS)
    return "".join(chance.choice(alphabet) for _ in range(chance.randint(0, longest)))


def forms(value: str) -> list[str]:
    data = value.encode()
    return [
        value,
        base64.b64encode(data).decode(),
        base64.urlsafe_b64encode(data).decode(),
        quote(value, safe=""),
        quote_plus(value),
        json.dumps(value)[1:-1],
        json.dumps(value, ensure_ascii=False)[1:-1],
        repr(value)[1:-1],
        html.escape(value),
        data.hex(),
        data.hex().upper(),
    ]


def in_pieces(masker: Masker, text: str, chance: random.Random) -> str:
    said, at = [], 0
    while at < len(text):
        size = chance.choice((1, 2, 3, 7, 50, 1000))
        said.append(masker.mask(text[at : at + size]))
        at += size
    return "".join(said) + masker.rest()


@pytest.mark.parametrize("seed", range(400))
def test_a_text_in_any_pieces_is_masked_as_the_whole_text_is_and_no_secret_is_left(seed):
    chance = random.Random(seed)
    values = [text_of(chance, chance.choice((8, 40, 700))) for _ in range(chance.randint(1, 4))]
    patterns = Patterns([value.encode() for value in values])
    text = ""
    for _ in range(chance.randint(1, 12)):
        text += text_of(chance, 60)
        for value in chance.sample(values, 1):
            form = chance.choice(forms(value))
            # Whole, or only its beginning.
            text += form if chance.random() < 0.7 else form[: chance.randint(0, len(form))]
    whole = patterns.text(text)
    for _ in range(5):
        assert in_pieces(Masker(patterns), text, chance) == whole
    for value in (value for value in values if len(value) >= LEAST):
        for form in forms(value):
            if MASK not in form and not set(form) <= set(MASK):
                assert form not in whole


@pytest.mark.parametrize("shift", range(4))
def test_a_secret_within_something_longer_that_is_base64_is_masked(shift):
    value = b"correct-horse-battery"
    encoded = base64.b64encode(b"u" * shift + value + b":more").decode()
    said = Patterns([value]).text(f"Authorization: Basic {encoded}")
    assert MASK in said
    shown = said.partition("Basic ")[2].replace(MASK, "")
    assert len(shown) < len(encoded) - len(value)


ACCOUNT = {
    "type": "service_account",
    "private_key": CERTIFICATE,
    "token_uri": "https://oauth2.example.org/token",
    "nested": [{"apiKey": "k-93jd82"}],
}


@pytest.mark.parametrize("indent", [None, 2])
def test_keys_in_a_secret_that_is_json_are_masked_when_a_program_takes_them_out_and_nothing_else_is(indent):
    patterns = Patterns([json.dumps(ACCOUNT, indent=indent).encode()])
    for line in CERTIFICATE.splitlines():
        assert patterns.text(f"a {line} b") == f"a {MASK} b"
    assert patterns.text("X-Key: k-93jd82") == f"X-Key: {MASK}"
    assert patterns.text("a service_account, https://oauth2.example.org/token") == "a service_account, https://oauth2.example.org/token"


def test_a_password_in_a_url_or_among_variables_is_masked_alone_and_a_plain_variable_is_not():
    patterns = Patterns([b"postgres://app:p%40ss-w0rd@db/churn", b"REGION=north-1\nexport DB_PASSWORD='hunter22'\n"])
    assert patterns.text("p%40ss-w0rd p@ss-w0rd hunter22 north-1") == f"{MASK} {MASK} {MASK} north-1"


@pytest.mark.parametrize(("secret", "taken"), [(one["secret"], one["printed"]) for one in VECTORS["taken"]])
def test_what_is_taken_out_of_a_secret_is_masked_and_so_are_its_encodings(secret, taken):
    patterns = Patterns([secret.encode()])
    assert patterns.text(f"a {taken} b") == f"a {MASK} b"
    assert patterns.text(base64.b64encode(taken.encode()).decode()) == MASK
    assert patterns.text(taken.encode().hex()) == MASK


def test_what_names_no_secret_stays_however_deeply_it_is_nested_or_long():
    credentials = {"type": "service_account", "token_uri": "https://oauth2.example.org/token", "username": "churner"}
    deep = "[" * 30_000 + "]" * 30_000
    patterns = Patterns([json.dumps({"credentials": credentials}).encode(), deep.encode(), b"key=" * 15_000])
    plain = "service_account https://oauth2.example.org/token churner"
    assert patterns.text(plain) == plain


def test_each_line_of_a_secret_of_many_lines_is_masked_and_so_is_all_of_it():
    patterns = Patterns([CERTIFICATE.encode()])
    assert patterns.text(CERTIFICATE) == MASK
    for line in CERTIFICATE.splitlines():
        assert patterns.text(f"line: {line}!") == f"line: {MASK}!"
    assert patterns.text(json.dumps({"key": CERTIFICATE})) == json.dumps({"key": MASK})
    encoded = base64.encodebytes(CERTIFICATE.encode()).decode()
    assert patterns.text(encoded).replace(MASK, "").strip() == ""


def test_a_secret_of_few_characters_stays_since_it_is_everywhere():
    assert Patterns([b"abcde"]).text("abcde in YWJjZGU=") == "abcde in YWJjZGU="


def test_bytes_that_are_no_text_are_masked_as_base64_has_them():
    value = bytes(range(256))
    assert Patterns([value]).text(base64.b64encode(value).decode()) == MASK


def test_what_cannot_become_a_secret_is_not_held_back():
    masker = Masker(Patterns([b"secret-value"]))
    assert masker.mask("loss 0.5\n") == "loss 0.5\n"
    assert masker.mask("a sec") == "a "
    assert masker.mask("ond") == "second"


def test_much_output_that_looks_like_a_secret_all_the_time_is_masked_before_the_test_must_end():
    """With a time that grows with the square of either it would take hours."""
    values = [b"a" * 60_000 + b"b", b"ab" * 300, random.Random(2).randbytes(60_000)]
    masker = Masker(Patterns(values))
    said = "".join(masker.mask("a" * 10_000) for _ in range(300)) + masker.rest()
    assert said.replace("a", "") == MASK


def test_a_long_secret_holds_back_little():
    masker = Masker(Patterns([bytes(random.Random(3).randbytes(40_000)).hex().encode()]))
    value = bytes(random.Random(3).randbytes(40_000)).hex()
    assert masker.mask(value) == MASK
    assert len(masker.rest()) < PIECE + LEAST


def frames(channel: str, kind: str, content: dict, parent: str = "p1") -> list[bytes]:
    parts = [{"msg_type": kind, "msg_id": "m"}, {"msg_id": parent}, {}, content]
    return [channel.encode(), *(json.dumps(part).encode() for part in parts)]


def stream(text: str, parent: str = "p1") -> list[bytes]:
    return frames("iopub", "stream", {"name": "stdout", "text": text}, parent)


def said(messages: list[list[bytes]]) -> list[object]:
    contents = [json.loads(message[4]) for message in messages]
    return [content.get("text", content) for content in contents]


def test_output_of_a_kernel_is_masked_across_its_messages_and_comes_before_what_follows_it():
    messages = Messages([b"hunter2hunter2"])
    idle = frames("iopub", "status", {"execution_state": "idle"})
    taken = [list(messages.take(one)) for one in (stream("key hunter2"), stream("hunter2\n"), stream("hunt"), idle)]
    assert [said(one) for one in taken] == [["key "], ["***\n"], [], ["hunt", {"execution_state": "idle"}]]


def test_a_reply_on_another_channel_does_not_tear_output_apart():
    messages = Messages([b"hunter2hunter2"])
    reply = frames("shell", "execute_reply", {"status": "ok"})
    taken = [list(messages.take(one)) for one in (stream("hunter2"), reply, stream("hunter2"))]
    assert [said(one) for one in taken] == [[], [{"status": "ok"}], ["***"]]


def test_what_one_cell_began_to_say_another_does_not_end():
    messages = Messages([b"hunter2hunter2"])
    taken = [list(messages.take(one)) for one in (stream("hunter2", "p1"), stream("hunter2\n", "p2"))]
    assert [said(one) for one in taken] == [[], ["hunter2", "hunter2\n"]]


def test_what_a_kernel_shows_is_masked_in_all_its_parts_and_stays_json():
    messages = Messages([b'pass"word\\n'])
    shown = {"data": {"text/html": "<b>pass&quot;word\\n</b>", 'pass"word\\n': ['pass"word\\n', 3]}}
    [masked] = messages.take([*frames("iopub", "display_data", shown), b'\x00pass"word\\n\x00'])
    assert json.loads(masked[4]) == {"data": {"text/html": "<b>***</b>", "***": ["***", 3]}}
    assert masked[5] == b"\x00" + b"*" * 11 + b"\x00"


def test_without_secrets_messages_go_on_as_they_are():
    one = stream("anything")
    assert list(Messages([]).take(one)) == [one]
