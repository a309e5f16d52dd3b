"""Colours and other attributes of text, as the control sequence SGR sets them (ECMA-48, 8.3.117).

The same as `client/src/notebooks/sgr.ts`; both are held to `test/vectors/notebook-outputs.json`."""

from __future__ import annotations

Pen = dict[str, str]
"""Attribute → the parameters that set it. Never changed in place."""

ATTRIBUTES = ("bold", "dim", "italic", "underline", "blink", "inverse", "hidden", "strike", "font", "fg", "bg", "overline", "ul")
RANGES = (
    (1, 1, "bold", 22),
    (2, 2, "dim", 22),
    (3, 3, "italic", 23),
    (4, 4, "underline", 24),
    (21, 21, "underline", 24),
    (5, 6, "blink", 25),
    (7, 7, "inverse", 27),
    (8, 8, "hidden", 28),
    (9, 9, "strike", 29),
    (11, 19, "font", 10),
    (30, 38, "fg", 39),
    (90, 97, "fg", 39),
    (40, 48, "bg", 49),
    (100, 107, "bg", 49),
    (53, 53, "overline", 55),
    (58, 58, "ul", 59),
)
"""First and last parameter that set the attribute, and the one that takes it away."""


def change(pen: Pen, parameters: str) -> Pen:
    changed = dict(pen)
    words = parameters.split(";")
    at = 0
    while at < len(words):
        word = words[at]
        code = int(word.split(":")[0] or 0)
        if code == 0:
            changed.clear()
        for _, _, attribute, reset in RANGES:
            if code == reset:
                changed.pop(attribute, None)
        found = next((attribute for first, last, attribute, _ in RANGES if first <= code <= last), None)
        if found and word in ("38", "48", "58"):
            # A colour of the palette, `5;N`, or one of its own, `2;R;G;B`.
            count = 4 if words[at + 1 : at + 2] == ["2"] else 2
            more = words[at + 1 : at + 1 + count]
            at += len(more)
            word = ";".join([word, *more])
        if word == "4:0":
            changed.pop("underline", None)
        elif found:
            changed[found] = word
        at += 1
    return changed


def between(before: Pen, after: Pen) -> str:
    """The sequence that makes the one of the other."""
    if before == after:
        return ""
    if not after:
        return "\x1b[0m"
    kept = all(attribute in after for attribute in before)
    words = [after[one] for one in ATTRIBUTES if one in after and not (kept and after[one] == before.get(one))]
    if not kept:
        words.insert(0, "0")
    return f"\x1b[{';'.join(words)}m"
