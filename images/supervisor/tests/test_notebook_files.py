"""The table that the clients are held to as well: `cli/src/notebooks/notebook-vectors.test.ts`."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from bine_supervisor.jobs import notebook_file

VECTORS = json.loads((Path(__file__).parents[3] / "test/vectors/notebook-files.json").read_text())


@pytest.mark.parametrize("vector", VECTORS["notJson"], ids=[vector["name"] for vector in VECTORS["notJson"]])
def test_a_file_that_is_no_json_is_said_to_be_what_it_is(vector: dict, tmp_path: Path) -> None:
    file = tmp_path / "a.ipynb"
    file.write_bytes(vector["text"].encode() if "text" in vector else base64.b64decode(vector["base64"]))
    with pytest.raises(ValueError, match=r"a\.ipynb is no notebook") as raised:
        notebook_file.read(str(file))
    said = str(raised.value).removeprefix("a.ipynb is no notebook: ")
    assert said == vector["reason"] if "reason" in vector else said.startswith(vector["begins"])


@pytest.mark.parametrize("vector", VECTORS["kernels"], ids=[repr(vector["name"]) for vector in VECTORS["kernels"]])
def test_a_notebook_that_names_a_kernel_and_no_language(vector: dict, tmp_path: Path) -> None:
    file = tmp_path / "a.ipynb"
    file.write_text(json.dumps({"nbformat": 4, "metadata": {"kernelspec": {"name": vector["name"]}}, "cells": []}))
    if vector["language"] is None:
        notebook_file.read(str(file))
        return
    with pytest.raises(ValueError, match=r"a\.ipynb is a notebook in") as raised:
        notebook_file.read(str(file))
    assert f" in {vector['language']}, and environments run Python" in str(raised.value)
