"""A notebook, cell by cell on a kernel of its own. The executed notebook is saved after each cell, up to the one that fails."""

from __future__ import annotations

import os
import re
import signal
import time

import zmq

from .. import process, reason
from ..kernel import Kernel, ipython
from ..messages import lenient
from . import files
from .document import Document
from .log import Log, Tail
from .notebook_file import source, tags
from .outputs import error, integer, text

START_S = 120.0
ASK_AGAIN_S = 0.25
SHUTDOWN_S = 5.0
LAST_WORDS_S = 0.1
"""After its end, so long nothing more may arrive from the kernel before its end is written down."""
AT_ONCE = 1000
SHELL_COMMAND = re.compile(r"^\s*!", re.MULTILINE)
SHELL_CODE = "shell"


class Notebook:
    def __init__(self, spec: dict, log: Log) -> None:
        self.over = self.done = False
        self._spec = spec
        self._log = log
        self._cells: list[dict] = []
        self._asked: dict[str, dict] = {}
        """Cells by the id of their request: a thread of an earlier one may go on printing."""
        self._current = -1
        self._replied: dict | None = None
        self._said = Tail()
        """What the current cell has printed to stderr."""
        self._idle = self._answered = self._subscribed = self._ready = self._closing = False
        self._stop = False
        self._error: str | None = None
        self._failed: int | None = None
        """The cell that `_error` tells of."""
        self._code = 0
        self.warnings: list[str] = []
        """What may not have the effect that was meant."""
        self._status: int | None = None
        self._over_at = self._ask_at = self._deadline = 0.0

    @property
    def pressing(self) -> bool:
        return self.over or not self._ready

    def start(self) -> zmq.Poller:
        spec = self._spec
        self._document = Document(spec["path"], spec["executed"])
        self.warnings = self._document.inject(spec["parameters"])
        self._cells = self._document.begin()
        self._progress(0)
        self._poller = zmq.Poller()
        self._kernel = Kernel(zmq.Context(), ipython(spec["python"], spec["cwd"], as_job=True))
        for socket in self._kernel.sockets:
            self._poller.register(socket, zmq.POLLIN)
        self._poller.register(self._kernel.voice, zmq.POLLIN)
        self._deadline = time.monotonic() + START_S
        self._ask()
        return self._poller

    def ready(self, item: object) -> None:
        if item == self._kernel.voice:
            if not self._kernel.hear():
                self._poller.unregister(item)
            return
        for frames in self._kernel.receive(item, AT_ONCE):
            self._hear(frames)

    def tick(self, moment: float) -> None:
        if self._status is not None:
            if moment - self._over_at > LAST_WORDS_S and not self.done:
                self._finish()
            return
        if self._closing:
            if moment > self._deadline:
                self._kernel.signal(signal.SIGKILL)
        elif not self._ready:
            if self._answered and not self._subscribed and moment > self._ask_at:
                self._ask()
            if moment > self._deadline:
                self._error = f"The kernel did not answer within {START_S:.0f} s"
                self._code = 1
                self._kernel.signal(signal.SIGKILL)
        elif self._current < 0 or (self._replied is not None and self._idle):
            self._next()

    def exited(self, pid: int, status: int) -> None:
        if pid == self._kernel.pid:
            self._status, self._over_at, self.over = status, time.monotonic(), True

    def end(self) -> None:
        """The cell that runs is interrupted, and none comes after it."""
        self._stop = True
        self._kernel.signal(signal.SIGINT if self._ready else signal.SIGKILL)

    def kill(self) -> None:
        self._kernel.signal(signal.SIGKILL)

    def result(self) -> dict:
        assert self._status is not None
        ended = process.describe_exit(self._status)
        if self._closing:
            return {"exitCode": self._code, "signal": None, "error": self._error, "cell": self._failed}
        code = ended.code if ended.code is not None else 128 - os.waitstatus_to_exitcode(self._status)
        # A kernel that ends by itself in the middle has not done what was asked, whatever it says.
        return {"exitCode": code or 1, "signal": ended.signal, "error": self._error, "cell": self._failed}

    def _ask(self) -> None:
        self._ask_at = time.monotonic() + ASK_AGAIN_S
        self._kernel.ask(b"shell", "kernel_info_request", {})

    def _hear(self, frames: list[bytes]) -> None:
        channel, kind = frames[0], str(lenient(frames[1]).get("msg_type"))
        parent, content = str(lenient(frames[2]).get("msg_id")), lenient(frames[4])
        if not self._ready:
            self._subscribed = self._subscribed or channel == b"iopub"
            self._answered = self._answered or kind == "kernel_info_reply"
            self._ready = self._answered and self._subscribed
        cell = self._asked.get(parent)
        if cell is None:
            return
        is_current = cell is self._cells[self._current]
        if kind == "execute_reply" and is_current:
            self._replied = content
        elif kind == "status" and is_current:
            self._idle = content.get("execution_state") == "idle"
        elif channel == b"iopub":
            if is_current and kind == "stream" and content.get("name") == "stderr":
                self._said.add(text(content.get("text")))
            self._document.output(cell, kind, content)
            self._print(kind, content)

    def _print(self, kind: str, content: dict) -> None:
        if kind == "stream":
            self._log.say("stderr" if content.get("name") == "stderr" else "stdout", text(content.get("text")))
        elif kind == "error":
            said = error(content)
            self._log.say("stderr", "\n".join(said["traceback"] or [f"{said['ename']}: {said['evalue']}"]) + "\n")

    def _next(self) -> None:
        if self._current >= 0 and not self._settle():
            self._close()
            return
        self._current += 1
        if self._current >= len(self._cells) or self._stop:
            self._close()
            return
        cell = self._cells[self._current]
        self._log.note(f"Cell {self._current + 1} of {len(self._cells)}")
        self._replied, self._idle, self._said = None, False, Tail()
        code = source(cell)
        request = {
            "code": code,
            "silent": False,
            "store_history": True,
            # IPython goes on when a command of its shell fails.
            "user_expressions": {SHELL_CODE: "_exit_code"} if SHELL_COMMAND.search(code) else {},
            "allow_stdin": False,
            "stop_on_error": True,
        }
        frames = self._kernel.ask(b"shell", "execute_request", request)
        self._asked[str(lenient(frames[1])["msg_id"])] = cell

    def _settle(self) -> bool:
        """The cell that ended. False: it failed."""
        cell, reply = self._cells[self._current], self._replied
        assert reply is not None
        cell["execution_count"] = integer(reply.get("execution_count"))
        if reply.get("status") == "error":
            self._document.fail(cell, reply)
        ok = reply.get("status") == "ok" or "raises-exception" in tags(cell)
        if not ok and reply.get("ename") == "SystemExit":
            self._leave(cell, str(reply.get("evalue", "")))
        elif not ok:
            self._code, self._failed = 1, self._current + 1
            said = reason.of_exception(text(reply.get("ename")) or "error", text(reply.get("evalue")))
            self._error = f"Cell {self._current + 1} failed: {reason.of_script(said, self._said.lines())}"
        else:
            self._doubt_command(reply)
        self._save()
        self._progress(self._current + (1 if ok or self._code == 0 else 0))
        return ok

    def _doubt_command(self, reply: dict) -> None:
        answers = reply.get("user_expressions")
        shell = answers.get(SHELL_CODE) if isinstance(answers, dict) else None
        data = shell.get("data") if isinstance(shell, dict) else None
        code = data.get("text/plain") if isinstance(data, dict) else None
        if isinstance(code, str) and re.fullmatch(r"-?\d{1,9}", code) and code != "0":
            warning = f'A command that cell {self._current + 1} starts with "!" failed with exit code {code}, and the notebook went on.'
            self.warnings.append(warning)
            self._log.note(f"Warning: {warning}")

    def _leave(self, cell: dict, value: str) -> None:
        """A cell has called `exit` or the like: the notebook ends there with that code, as a program would."""
        number = self._current + 1
        if value in ("", "None"):
            value = "0"
        try:
            self._code = int(value) & 0xFF
        except ValueError:
            self._code, self._failed = 1, number
            self._error = f"Cell {number} failed: {reason.shorten(reason.first_line(value))}"
            return
        if self._code:
            self._failed = number
            self._error = f"Cell {number} ended the notebook with exit code {self._code}"
            return
        self._document.forgive(cell, "SystemExit")
        left = len(self._cells) - number
        if left:
            self._log.note(f"Cell {number} ended the notebook with exit code 0: {left} more {'was' if left == 1 else 'were'} not run")

    def _close(self) -> None:
        self._closing = True
        self._save()
        self._deadline = time.monotonic() + SHUTDOWN_S
        self._kernel.ask(b"control", "shutdown_request", {"restart": False})

    def _finish(self) -> None:
        """The kernel has ended and all that it said was heard."""
        assert self._status is not None
        for frames in self._kernel.masked.rest():
            self._hear(frames)
        if not self._closing:
            ended = process.describe_exit(self._status)
            how = f"was killed by {ended.signal}" if ended.signal else f"ended with code {ended.code}"
            said = self._kernel.said(ended.signal)
            if self._error is None and self._ready and self._current >= 0:
                self._failed = self._current + 1
            where = f"Cell {self._failed} failed: the" if self._failed is not None else "The"
            self._error = self._error or f"{where} kernel {how}" + (f": {said}" if said else "")
            self._log.note(self._error)
            if 0 <= self._current < len(self._cells):
                died = {"ename": "KernelDied", "evalue": self._error, "traceback": [self._error]}
                self._document.output(self._cells[self._current], "error", died)
            self._unsaved = True
        if self._unsaved:
            files.insist(self._document.save)
        self._kernel.close()
        self.done = True

    def _progress(self, done: int) -> None:
        files.if_room(lambda: files.replace("progress.json", {"done": done, "total": len(self._cells)}))

    def _save(self) -> None:
        self._unsaved = not files.if_room(self._document.save)
