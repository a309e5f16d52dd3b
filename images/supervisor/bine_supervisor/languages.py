"""What programs in other languages than Python print when they fail."""

from __future__ import annotations

import re


def of_language(lines: list[str]) -> str | None:
    """Exceptions of other languages, below which stand their frames."""
    for index in range(len(lines) - 1, -1, -1):
        line = lines[index]
        java = re.match(r'(?:Exception in thread ".*" |Caused by: )?((?:\w+\.)+\w*(?:Exception|Error)\b.*)', line)
        if java and index + 1 < len(lines) and re.match(r"\s+at |\s*\.\.\. \d+ more|Caused by:", lines[index + 1]):
            # The innermost cause stands last and is met first.
            return java[1]
        go = re.match(r"panic: (.+)", line)
        if go:
            return go[0]
        rust = re.match(r"thread '.*' (?:\(\d+\) )?panicked at (.+?)(:?)$", line)
        if rust:
            # Since Rust 1.73 the message stands on the next line, before that in this one.
            return f"panicked at {rust[1]}" + (f": {lines[index + 1].strip()}" if rust[2] and index + 1 < len(lines) else "")
        if re.match(r"(?:Uncaught )?[A-Z]\w*Error(?: \[\w+\])?: |Error: ", line) and _below(lines, index, r"\s+at .*[:(]"):
            return line  # JavaScript
        if re.match(r"ERROR: \w", line) and _below(lines, index, r"Stacktrace:"):
            return line.removeprefix("ERROR: ").removeprefix("LoadError: ")  # Julia
        if PERL_STOPPED.match(line):
            said = _perl(lines[:index])
            if said:
                return said
        if " in @INC (" in line and PERL_SAID.match(line):
            return PERL_SAID.match(line)[1]
        if line == "Execution halted":
            # R names where on the line of the error, and what on the next one if that gets long.
            said = next((at for at in range(index - 1, -1, -1) if re.match(r"Error(?: in .*)?\s?:", lines[at])), None)
            if said is not None:
                more = lines[said + 1].strip() if lines[said].rstrip().endswith(":") else ""
                return f"{lines[said].rstrip()} {more}".rstrip()
    return None


PERL_STOPPED = re.compile(
    r"BEGIN failed--compilation aborted|Execution of \S+ aborted due to|.+ had compilation errors\.|Compilation failed in require"
)
PERL_SAID = re.compile(r"(.+?)(?: \(@INC .*\))? at \S+ line \d+\b")


def _perl(above: list[str]) -> str | None:
    """The first of the errors for which Perl did not compile a program; a missing module's line goes on with all folders of @INC."""
    found = None
    for line in reversed(above):
        said = PERL_SAID.match(line)
        if not said:
            break
        if not PERL_STOPPED.match(line):
            found = said[1] if " in @INC (" in line else line
    return found


def _below(lines: list[str], index: int, pattern: str) -> bool:
    return any(re.match(pattern, line) for line in lines[index + 1 : index + 4])
