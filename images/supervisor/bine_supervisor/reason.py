"""Why a program failed, in one line: the exception that ended it as Python recorded it, else what it printed last that says why."""

from __future__ import annotations

import json
import os
import re
import stat
from collections.abc import Callable, Iterator, Sequence

from .embedded import embedded
from .languages import of_language

LONGEST = 500
LONGEST_COMMAND = 250
"""Of what says which command failed, where it is known why that did."""
RECORD_MOST = 256 << 10

ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*(?:\x07|\x1b\\|$)"  # OSC, such as a link
    r"|\x1b[PX^_].*?(?:\x1b\\|$)"
    r"|\x1b\[[0-?]*[ -/]*[@-~]?"
    r"|\x1b[ -/]*[0-~]?"
)
INVISIBLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
HEADER = "Traceback (most recent call last):"
RAISED = re.compile(r"[^\W\d][\w.]*(?:: .*|:)?$")
"""How a traceback ends: a type's name, and what it says."""
IGNORED = r"Exception ignored (?:in|on|while)|Error in (?:atexit\._run_exitfuncs|sys\.excepthook):|--- Logging error ---"
"""Headings of tracebacks that never end a program."""
ASIDE = re.compile(rf"{IGNORED}|Exception in thread |(?:Task|Future) exception was never retrieved")
"""The same, and of those that a program may take for a reason to end."""
DRAWN = re.compile(r"╭─+.* Traceback \(most recent call last\) ─+╮$")
HINTS = {
    "bdb.BdbQuit": "breakpoint() found nobody who could answer it: take it out",
    "EOFError": " (nobody can answer input() here: take it from an argument, a parameter or a secret)",
}
COMMAND = "subprocess.CalledProcessError: "
COMPLAINT = re.compile(
    r"\b(?:errors?|fatal|critical|fail(?:s|ed|ure)?|exception|cannot|can't|could not|unable to|not found|missing|invalid|abort(?:ed|ing)?"
    r"|no such|denied|refused|usage)\b",
    re.IGNORECASE,
)
"""What in a line of no known form tells that it is about a failure."""
RELAYED = re.compile(r"(?:[\w.]+\.)?(?:ChildFailedError\b|CalledProcessError: Command '\['?[^',]*python[\d.]*')")
"""How a launcher of training programs says that one of them failed, which has said itself why."""
GROUP_MARGIN = re.compile(r"^(?:\s*[|+][\s|+-]*)+")


def clean(text: str) -> str:
    """As a terminal shows one line: without what moves, colours and hides."""
    text = ESCAPES.sub("", text)
    drawn = [part for part in text.split("\r") if part.strip()]
    return INVISIBLE.sub("", drawn[-1] if drawn else "").encode("utf-8", "replace").decode().rstrip()


def first_line(text: str) -> str:
    lines = (clean(line).strip() for line in text.splitlines())
    said = [line for line in lines if line]
    # A line of "====" is how some messages begin.
    return next((line for line in said if re.search(r"\w", line)), said[0] if said else "")


def shorten(text: str, longest: int = LONGEST) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"


def _gist(message: str) -> str:
    """Its first line, and the one below where that only announces it."""
    first = first_line(message)
    if not first.endswith(":"):
        return first
    more = first_line("\n".join(message.split(first, 1)[-1].splitlines()))
    return f"{first} {more}".rstrip()


def of_exception(kind: str, message: str, at: str | None = None) -> str:
    name, inner = clean(kind), embedded([clean(line) for line in message.splitlines()])
    if inner and inner.partition(":")[0].rpartition(".")[2] == name.rpartition(".")[2]:
        return shorten(inner)
    said = inner or _gist(message)
    if not said or said == "EOF when reading a line":
        said += HINTS.get(name, "")
    if said:
        return shorten(f"{name}: {said}")
    return shorten(f"{name} at {clean(at)}" if at else name)


def read_record(path: str, masked: Callable[[str], str] = str) -> str | None:
    """The exception that ended a program, which may have written anything there. @param masked applied to what it says"""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        if not stat.S_ISREG(os.fstat(file).st_mode):
            return None
        record = json.loads(os.read(file, RECORD_MOST))
        if not isinstance(record, dict):
            return None
        kind, message, at = record.get("type"), record.get("message"), record.get("at")
    except (OSError, ValueError):
        return None
    finally:
        os.close(file)
    if not isinstance(kind, str) or not isinstance(message, str):
        return None
    reason = of_exception(masked(kind), masked(message), at if isinstance(at, str) else None)
    said = record.get("said")
    return _because(reason, in_output(masked(said).splitlines())) if isinstance(said, str) else reason


def of_program(record: str | None, lines: Sequence[str]) -> str | None:
    """@param record the exception that ended it @param lines the end of its stderr"""
    if record is None or not record.startswith(COMMAND):
        return record or in_output(lines)
    if RELAYED.match(record):
        return in_output(lines) or record
    # What a command printed stands above the traceback of who has started it.
    cleaned = [clean(line) for line in lines]
    last = next((at for at in range(len(cleaned) - 1, -1, -1) if cleaned[at].endswith(HEADER)), len(cleaned))
    said = in_output(cleaned[:last])
    return _because(record, said) if said and COMPLAINT.search(said) else record


def of_script(failed: str, said: Sequence[str]) -> str:
    """A cell in another language is a command, which says itself why it failed."""
    return _because(failed, in_output(said)) if failed.startswith("CalledProcessError: ") else failed


def in_stdout(lines: Sequence[str]) -> str | None:
    """Of a program that says there what others say on stderr."""
    said = in_output(lines)
    return said if said and COMPLAINT.search(said) else None


def _because(failed: str, why: str | None) -> str:
    return shorten(f"{shorten(failed, LONGEST_COMMAND).rstrip('.:')}: {why}") if why else failed


def in_output(lines: Sequence[str]) -> str | None:
    """From the end of what was printed: the last traceback's exception, else another language's, else the last line with words in it."""
    cleaned = [clean(line) for line in lines]
    tracebacks = list(_tracebacks(cleaned))
    for wanted in (False, True):
        found = [raised for heading, raised in tracebacks if bool(heading) is wanted and raised and not re.match(IGNORED, heading)]
        own = [raised for raised in found if not RELAYED.match(raised)]
        if own or found:
            return shorten(own[-1] if own else _of_rank(cleaned) or found[-1])
    said = of_language(cleaned) or of_signal(cleaned) or _last_words(_without_asides(cleaned))
    said = said or next((raised for _, raised in reversed(tracebacks) if raised), None)
    return shorten(said) if said else None


def of_signal(lines: Sequence[str]) -> str | None:
    """What a crash of native code has said of itself."""
    cleaned = [clean(line) for line in lines]
    for index in range(len(cleaned) - 1, -1, -1):
        line = cleaned[index]
        thrown = re.search(r"terminate called after throwing an instance of '(.+?)'", line)
        if thrown:
            what = next((after.split("what():", 1)[1].strip() for after in cleaned[index + 1 : index + 3] if "what():" in after), "")
            return shorten(f"{thrown[1]}: {what}" if what else thrown[1])
        fatal = re.search(r"Fatal Python error: (.+)", line)
        if fatal:
            frames = (re.match(r'\s*File "(.+?)", line (\d+)', after) for after in cleaned[index + 1 :])
            frame = next((frame for frame in frames if frame and "ipykernel_" not in frame[1]), None)
            return shorten(fatal[1] + (f" at {os.path.basename(frame[1])}:{frame[2]}" if frame else ""))
        if re.search(r"Assertion `.*' failed|terminate called|\*\*\* .+ \*\*\*|^(?:double free|free\(\)|malloc\(\)|munmap_chunk)", line):
            return shorten(line.strip())
    return None


def _tracebacks(lines: list[str]) -> Iterator[tuple[str, str | None]]:
    """Of each: its heading where something else than the program's end was its reason, and how it ends."""
    for index, line in enumerate(lines):
        if DRAWN.search(line):
            end = next((at for at in range(index, len(lines)) if lines[at].lstrip().startswith("╰─")), len(lines))
            yield "", _raised(lines[end + 1 :], "", False)
        if not line.endswith(HEADER):
            continue
        prefix = line[: -len(HEADER)]
        group = "Exception Group " in prefix
        if re.fullmatch(r"\s*traceback : ", prefix):
            prefix = "  "  # in torchrun's list of failures
        elif group or not prefix.strip():
            prefix = ""
        above = index - 2 if index > 1 and lines[index - 1].startswith("future: ") else index - 1
        heading = ASIDE.search(lines[above]) if above >= 0 else None
        # A group that ended the program begins with "+"; what is inside of it with "|".
        nested = line.lstrip().startswith("|") if group else GROUP_MARGIN.match(line) is not None
        if not nested:
            yield heading[0] if heading else "", _raised(lines[index + 1 :], prefix, group)


def _of_rank(lines: list[str]) -> str | None:
    """What torchrun says of the process that failed first, where that printed no traceback: it was killed, for example."""
    root = next((at for at in range(len(lines) - 1, -1, -1) if lines[at].startswith("Root Cause ")), None)
    if root is None:
        return None
    pairs = (re.match(r"\s+(rank|exitcode|traceback)\s*: (.+)", line) for line in lines[root + 1 :])
    facts = {pair[1]: pair[2] for pair in pairs if pair}
    why = facts.get("traceback", "")
    said = why if why.startswith("Signal ") else f"exit code {facts.get('exitcode', '')}"
    return f"ChildFailedError: rank {facts['rank'].split()[0]}: {said}" if "rank" in facts else None


def _raised(lines: list[str], prefix: str, group: bool) -> str | None:
    for index, line in enumerate(lines):
        text = line[len(prefix) :] if prefix and line.startswith(prefix.rstrip() or prefix) else line
        if group:
            text = re.sub(r"^\s*\| ?", "", text)
        if not text or text[0].isspace():
            continue
        if not RAISED.match(text):
            return None
        if prefix or group:
            return text.rstrip(":")
        end = next((at for at in range(index + 1, len(lines)) if lines[at].endswith(HEADER) or ASIDE.search(lines[at])), len(lines))
        kind, _, message = text.partition(":")
        more = [*lines[index + 1 : end]] if embedded(lines[index + 1 : end]) or text.endswith(":") else []
        return of_exception(kind, "\n".join([message.strip(), *more])) if more else text
    return None


def _without_asides(lines: list[str]) -> list[str]:
    kept, skipping = [], False
    for line in lines:
        if ASIDE.search(line):
            skipping = True
        elif skipping and line and not line[0].isspace() and not line.startswith(HEADER):
            skipping = False  # the last line of its traceback
        elif not skipping:
            kept.append(line)
    return kept


ADVICE = re.compile(
    r"\s*(?:for (?:more|further) |see (?:also )?[\w`'\"]*.*(?:http|docs|document)|hint:|note:|try ['`\"]|run with |<?https?://\S+>?[).]*$)",
    re.IGNORECASE,
)
"""Where to read on, which is not what happened."""
BAR = re.compile(r"\d+%\s*\||\d+(?:\.\d+)?\s*(?:it|s|B|kB|MB)/(?:s|it)\b")
WARNING = re.compile(
    r"\w*Warning: |\S+:\d+: \w*Warning: |\s*warnings\.warn\(|.*resource_tracker|wandb:(?! ERROR)|(?:\S+ ){0,4}\W?(?:INFO|DEBUG|WARNING)\b"
)


def _last_words(lines: list[str]) -> str | None:
    words = [line.strip(" \t│║┃") for line in lines if re.search(r"\w", line) and not BAR.search(line) and not WARNING.search(line)]
    return next((line for line in reversed(words) if not ADVICE.match(line)), words[-1] if words else None)
