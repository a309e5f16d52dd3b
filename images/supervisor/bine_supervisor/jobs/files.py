"""Small files that are there whole or not at all."""

from __future__ import annotations

import json
import os


def claim(name: str) -> bool:
    """False: somebody made it before."""
    try:
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644))
    except FileExistsError:
        return False
    return True


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
