"""Runs in the user's Python, before the program: at its end, the exception that ended it is written down for the runner.

Python runs a module of this name when it starts. This one takes every trace of itself away (the variable, the entry in sys.path), so
that what the program starts does not have it, and runs the environment's own module of this name, if there is one. It replaces no hook:
Python itself keeps the exception that ended a program in `sys.last_exc`, whatever a program has put in the place of `sys.excepthook`."""

import builtins
import os
import sys


def begin():
    folder = os.path.dirname(os.path.abspath(__file__))
    told = os.environ.pop("BINE_ENDING", None)
    before = os.environ.pop("BINE_PYTHONPATH", None)
    if before is None:
        os.environ.pop("PYTHONPATH", None)
    else:
        os.environ["PYTHONPATH"] = before
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != folder]
    if told is not None:
        listen(*told.split(":", 1))


def listen(token, path):
    import atexit
    import threading

    owner = os.getpid()
    pipe = identity()

    def end():
        # A child made by fork is not the program.
        if os.getpid() == owner:
            mark(token, pipe)
            record(path)

    # Before what is registered with atexit, which prints and raises after the end.
    getattr(threading, "_register_atexit", atexit.register)(end)


def identity():
    """Of stderr, where it is the pipe that the runner reads."""
    try:
        status = os.fstat(2)
    except OSError:
        return None
    return status.st_dev, status.st_ino


def mark(token, pipe):
    """Here ends what the program said of its end; the runner takes the mark out."""
    try:
        if pipe is not None and identity() == pipe:
            os.write(2, token.encode())
    except OSError:
        pass  # nobody reads any more


def record(path):
    error = getattr(sys, "last_exc", None) or getattr(sys, "last_value", None)
    if error is None:
        return
    try:
        import json

        with open(path, "w", encoding="utf-8", errors="replace") as file:
            json.dump(describe(error), file)
    except Exception:
        pass  # a full disk, no memory: the runner finds the exception in what was printed


def describe(error):
    kind = type(error)
    name = kind.__qualname__ if kind.__module__ in ("builtins", "__main__") else f"{kind.__module__}.{kind.__qualname__}"
    try:
        message = str(error)
    except Exception:
        message = "<its message cannot be shown>"
    # A message may carry the traceback of a worker, which ends with the reason.
    short = message if len(message) <= 16384 else message[:4096] + "\n" + message[-12288:]
    return {"type": name, "message": short, "at": place(error.__traceback__), "said": said(error)}


def said(error):
    """What a command that it is about has printed, and nobody may have seen; of a group of one, that one."""
    printed = getattr(error, "stderr", None) or (getattr(error, "output", None) if type(error).__module__ == "subprocess" else None)
    if isinstance(printed, bytes):
        printed = printed.decode("utf-8", "replace")
    if isinstance(printed, str):
        return printed[-4096:]
    # Python before 3.11 knows no groups.
    group = getattr(builtins, "BaseExceptionGroup", ())
    only = error
    while isinstance(only, group) and len(only.exceptions) == 1:
        only = only.exceptions[0]
    if only is not error and not isinstance(only, group):
        described = describe(only)
        return f"{described['type']}: {described['message']}"[:4096]
    return None


def place(traceback):
    """The last line of the user's own: of no package and not of Python itself."""
    found = None
    library = os.path.dirname(os.__file__)
    while traceback is not None:
        name = traceback.tb_frame.f_code.co_filename
        if not name.startswith((library, "<")) and "site-packages" not in name:
            found = f"{os.path.basename(name)}:{traceback.tb_lineno}"
        traceback = traceback.tb_next
    return found


def run_own():
    """The environment's own module of this name."""
    this = sys.modules.pop(__name__)
    try:
        __import__(__name__)
    except ImportError as error:
        if error.name != __name__:
            raise
    finally:
        sys.modules.setdefault(__name__, this)


if __name__ == "sitecustomize":
    begin()
    run_own()
