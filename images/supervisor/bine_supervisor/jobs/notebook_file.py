"""A notebook as it was sent: read, checked cell by cell, and given its parameters."""

from __future__ import annotations

import ast
import codecs
import json
import os
import re
import uuid

MOST = 256 << 20
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?")
ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
KERNELS = (
    (r"ir|irkernel|xr|sparkrkernel", "R"),
    (r"julia(?:-.*)?", "Julia"),
    (r"bash|calysto_bash", "Bash"),
    (r"deno|javascript|jslab|ijavascript", "JavaScript"),
    (r"typescript|tslab", "TypeScript"),
    (r"xcpp\d*|cling-cpp\d*", "C++"),
    (r"i?java|rapaio-jupyter-kernel", "Java"),
    (r"scala.*|almond|spylon-kernel|sparkkernel|apache_toree_scala", "Scala"),
    (r"rust|evcxr", "Rust"),
    (r"gophernotes|gonb", "Go"),
    (r"octave", "Octave"),
    (r"(?:jupyter_)?matlab(?:_kernel)?", "MATLAB"),
    (r"\.net-csharp", "C#"),
    (r"\.net-fsharp|ifsharp", "F#"),
    (r"\.net-powershell|powershell", "PowerShell"),
    (r"ruby|kotlin|stata|sas|haskell|xsql|sos", "another language"),
)
"""Names of kernels, and what they run; the same as in client/src/notebooks/language.ts, by `test/vectors/notebook-files.json`."""
NO_NUMBER = ("nan", "inf", "-inf")
KINDS = {dict: "an object", list: "a list", str: "a string", int: "a number", float: "a number", bool: "a truth value", type(None): "null"}


def read(path: str) -> dict:
    """@raises ValueError that names the cell if it is no notebook, OSError if it cannot be read"""
    name = os.path.basename(path)
    if os.path.getsize(path) > MOST:
        raise ValueError(f"{name} has more than {MOST >> 20} MiB; clear its outputs")
    with open(path, "rb") as file:
        said = file.read()
    try:
        # What JSON does not have and Jupyter writes (NaN, Infinity) becomes null, as in all that is written here.
        content = json.loads(said.decode("utf-8-sig"), parse_constant=lambda _: None)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name} is no notebook: {_no_json(said, error)}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{name} is no notebook: it is {kind(content)}, not an object")
    number = content.get("nbformat")
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        said = kind(number) if "nbformat" in content else "missing"
        said += f" ({json.dumps(number)[:100]})" if isinstance(number, str) else ""
        raise ValueError(f'{name} is no notebook: its "nbformat" is {said}; it must be the number 4')
    if number != 4:
        raise ValueError(f'{name} is no notebook of format 4; convert it with "jupyter nbconvert --to notebook --nbformat 4 {name}"')
    _check(content, "metadata", dict, name)
    if not isinstance(content.get("cells"), list):
        raise ValueError(f'{name} is no notebook: "cells" is {kind(content.get("cells"))}, not a list')
    _check_language(content["metadata"], name)
    for number, cell in enumerate(content["cells"], 1):
        _check_cell(cell, f"cell {number} of {name}")
    _identify(content)
    return content


def _no_json(said: bytes, error: Exception) -> str:
    """What it is instead; the same as in cli/src/notebooks/notebook-json.ts, and both are held to `test/vectors/notebook-files.json`."""
    said = said.removeprefix(codecs.BOM_UTF8)
    if not said.strip():
        return "it is empty"
    if said.startswith(b"version https://git-lfs.github.com/spec/"):
        return 'it is a pointer of Git LFS, and its content is not here; "git lfs pull" fetches it'
    if said.lstrip().startswith((b"<!", b"<html")):
        return "it is a web page"
    if re.search(rb"^<{7} ", said, re.MULTILINE):
        return "it has conflict markers of a merge; resolve them first"
    if isinstance(error, UnicodeDecodeError):
        return f"it is not UTF-8 text ({error.reason} at byte {error.start})"
    if b"\0" in said:
        return "it is not UTF-8 text (it has zero bytes)"
    return f"it is not JSON ({error})"


def _check_language(metadata: dict, name: str) -> None:
    found = [metadata.get("language_info"), metadata.get("kernelspec")]
    said = [part.get(key) for part, key in zip(found, ("name", "language"), strict=True) if isinstance(part, dict)]
    language = next((each for each in said if isinstance(each, str) and each), None) or _language_of_kernel(found[1])
    if not language.lower().startswith(("python", "ipython")):
        raise ValueError(
            f"{name} is a notebook in {language}, and environments run Python. "
            f'"jupyter nbconvert --to script {name}" makes a program of it, to be run by {language} itself'
        )


def _language_of_kernel(spec: object) -> str:
    """Files that never ran name a kernel and no language."""
    name = spec.get("name") if isinstance(spec, dict) else None
    found = (language for pattern, language in KERNELS if isinstance(name, str) and re.fullmatch(pattern, name, re.IGNORECASE))
    return next(found, "python")


def _identify(content: dict) -> None:
    """Ids came with format 4.5, where each cell must have one of its own; before, none may have one."""
    minor, cells = content.get("nbformat_minor"), content["cells"]
    if isinstance(minor, int) and not isinstance(minor, bool) and 0 <= minor < 5 and not any("id" in cell for cell in cells):
        return
    content["nbformat_minor"] = max(5, minor) if isinstance(minor, int) else 5
    taken: set[str] = set()
    for cell in cells:
        given = cell.get("id")
        if not isinstance(given, str) or not ID.fullmatch(given) or given in taken:
            cell["id"] = given = uuid.uuid4().hex[:8]
        taken.add(given)


def _check_cell(cell: object, where: str) -> None:
    if not isinstance(cell, dict):
        raise ValueError(f"{where} is {kind(cell)}, not an object")
    if cell.get("cell_type") not in ("code", "markdown", "raw"):
        raise ValueError(f'{where} has the cell_type {json.dumps(cell.get("cell_type"))[:100]}; it must be "code", "markdown" or "raw"')
    _check(cell, "metadata", dict, where)
    text = cell.setdefault("source", "")
    if not isinstance(text, str) and not (isinstance(text, list) and all(isinstance(line, str) for line in text)):
        raise ValueError(f'"source" of {where} is neither a string nor a list of strings')
    if cell["cell_type"] == "code":
        _check(cell, "outputs", list, where)
        if not all(isinstance(output, dict) for output in cell["outputs"]):
            raise ValueError(f'"outputs" of {where} has something else than objects in it')


def _check(owner: dict, name: str, wanted: type, where: str) -> None:
    """What is not there is empty, as older programs write it."""
    if not isinstance(owner.setdefault(name, wanted()), wanted):
        raise ValueError(f'"{name}" of {where} is {kind(owner[name])}, not {KINDS[wanted]}')


def kind(value: object) -> str:
    return KINDS.get(type(value), "something else")


def source(cell: dict) -> str:
    text = cell.get("source", "")
    return "".join(text) if isinstance(text, list) else str(text)


def tags(cell: dict) -> list:
    found = cell.get("metadata", {}).get("tags", [])
    return found if isinstance(found, list) else []


def inject(content: dict, parameters: dict) -> list[str]:
    """
    After the cell tagged `parameters`, in place of what was injected before; first, where there is no such cell.

    @returns what may not have the effect that was meant
    """
    cells = content["cells"]
    at = next((i for i, cell in enumerate(cells) if "injected-parameters" in tags(cell)), None)
    if at is not None:
        del cells[at]
    if not parameters:
        return []
    given = next((i for i, cell in enumerate(cells) if "parameters" in tags(cell)), None)
    warnings = _doubts(None if given is None else source(cells[given]), parameters)
    if at is None:
        at = 0 if given is None else given + 1
    cell = {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {"tags": ["injected-parameters"]},
        "outputs": [],
        "source": "# Parameters\n" + "".join(f"{name} = {literal(value)}\n" for name, value in parameters.items()),
    }
    if content.get("nbformat_minor", 0) >= 5:
        cell["id"] = uuid.uuid4().hex[:8]
    cells.insert(at, cell)
    return warnings


def _doubts(given: str | None, parameters: dict) -> list[str]:
    if given is None:
        names = ", ".join(parameters)
        return [f'No cell is tagged "parameters": {names} went before the first cell, and what the notebook sets itself overwrites it.']
    known = _assigned(given)
    unknown = [name for name in parameters if known is not None and name not in known]
    if not unknown:
        return []
    has = f"it sets {', '.join(known)}" if known else "it sets nothing"
    return [f'The cell tagged "parameters" does not set {", ".join(unknown)}; {has}. A name that nothing reads has no effect.']


def _assigned(text: str) -> list[str] | None:
    """Names that a cell sets, in their order. None: it cannot be told."""
    python = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith(("%", "!")))
    try:
        tree = ast.parse(python)
    except (SyntaxError, ValueError, RecursionError):
        return None
    found = (node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store))
    return list(dict.fromkeys(found))


def literal(value: object) -> str:
    """In Python. A number that JSON's readers would change comes as {"$number": "1.0"}."""
    if isinstance(value, dict):
        text = value.get("$number") if len(value) == 1 else None
        if isinstance(text, str) and text in NO_NUMBER:
            return f'float("{text}")'
        if isinstance(text, str) and NUMBER.fullmatch(text):
            return text
        return "{" + ", ".join(f"{key!r}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(literal, value)) + "]"
    return repr(value)
