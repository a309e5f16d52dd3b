"""Small files that are there whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import time
from collections.abc import Callable

RETRY_S = 1.0


def is_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def if_room(write: Callable[[], None]) -> bool:
    """For what is written again later. False: the disk is full."""
    try:
        write()
    except OSError as error:
        if not is_full(error):
            raise
        return False
    return True


def insist(write: Callable[[], None]) -> None:
    """For what is written last: as long as the disk is full, it waits. Whoever cannot wait ends the container."""
    while not if_room(write):
        print("the disk is full: waiting for room to write down how it ended", flush=True)
        time.sleep(RETRY_S)


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
