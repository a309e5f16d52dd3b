"""Small files that are there whole or not at all."""

from __future__ import annotations

import json
import os


def read(name: str) -> dict:
    with open(name, encoding="utf-8") as file:
        return json.load(file)


def replace(name: str, value: object, durable: bool = False) -> None:
    """As JSON. `durable`: it survives a power cut."""
    fresh = f"{name}.new"
    with open(fresh, "w", encoding="utf-8", errors="surrogatepass") as file:
        json.dump(value, file)
        if durable:
            file.flush()
            os.fsync(file.fileno())
    os.rename(fresh, name)


def replace_lines(name: str, values: list) -> None:
    """As JSON, one a line."""
    fresh = f"{name}.new"
    with open(fresh, "w") as file:
        file.writelines(json.dumps(value) + "\n" for value in values)
    os.rename(fresh, name)
