"""The secrets that the gateway put into our container, for the program that we start and for nobody else.

A folder in memory, mounted read-only: a file for each secret, and `.manifest`, which says which of them the program finds in its
environment. They are read anew whenever a program is started."""

from __future__ import annotations

import os

FOLDER = "BINE_SECRETS_DIR"
MANIFEST = ".manifest"


def environment() -> dict[bytes, bytes]:
    """What the program's environment has besides ours. @raises OSError"""
    folder = os.environ.get(FOLDER)
    if not folder:
        return {}
    import json  # a job's program waits for what is loaded, and most have no secrets

    with open(os.path.join(folder, MANIFEST), encoding="utf-8") as file:
        manifest = json.load(file)
    found = {os.fsencode(variable): _read(folder, name) for variable, name in manifest["environment"].items()}
    paths = {os.fsencode(variable): os.fsencode(os.path.join(folder, name)) for variable, name in manifest["paths"].items()}
    return {**found, **paths}


def values() -> list[bytes]:
    """All of them. @raises OSError"""
    folder = os.environ.get(FOLDER)
    if not folder:
        return []
    return [_read(folder, name) for name in sorted(os.listdir(folder)) if not name.startswith(".")]


def _read(folder: str, name: str) -> bytes:
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()
