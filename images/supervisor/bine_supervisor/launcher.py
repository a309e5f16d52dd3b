"""Starts ipykernel so that nothing it publishes is dropped. Runs in the user's Python and imports nothing of ours.

Stock ipykernel queues 1,000 messages for a subscriber and silently drops the rest. Here a full queue makes the publisher
wait, and a program that prints faster than the supervisor writes is slowed down before its output fills the memory.
"""

import contextlib
import signal
import sys

# Python puts the folder of a script first; the user's imports must not find our files there.
del sys.path[0]

import zmq  # noqa: E402
from ipykernel.iostream import OutStream  # noqa: E402
from ipykernel.ipkernel import IPythonKernel  # noqa: E402
from ipykernel.kernelapp import IPKernelApp  # noqa: E402
from IPython.core.autocall import ExitAutocall  # noqa: E402

QUEUE = 64
"""Messages that may wait for the supervisor."""
STREAM_MESSAGE = 256 << 10
"""Characters of output in one message: whatever reads it needs little memory, however much is printed at once."""
UNFLUSHED = 4 << 20
"""Characters that may wait to be published."""


class Stream(OutStream):
    """stdout and stderr in messages of a bounded size, holding back a program that prints faster than they are sent."""

    _written = 0

    def write(self, string):
        count = super().write(string)
        self._written += len(string)
        if self._written > UNFLUSHED and self._is_master_process():
            self._written = 0
            self.flush()
        return count

    def _flush_buffers(self):
        for parent, text in super()._flush_buffers():
            for at in range(0, len(text), STREAM_MESSAGE):
                yield parent, text[at : at + STREAM_MESSAGE]


class Kernel(IPythonKernel):
    """Its event loop notices an interrupt while a cell awaits; ipykernel's goes on sleeping until something else happens."""

    @contextlib.contextmanager
    def _cancel_on_sigint(self, future):
        with super()._cancel_on_sigint(future):
            cancel = signal.getsignal(signal.SIGINT)

            def cancel_and_wake(*args):
                cancel(*args)
                self.io_loop.asyncio_loop.call_soon_threadsafe(lambda: None)

            signal.signal(signal.SIGINT, cancel_and_wake)
            yield


class Leave(ExitAutocall):
    """`exit` and `quit` as a program has them; a kernel's own keep the code to themselves."""

    def __call__(self, code=None):
        raise SystemExit(code)


class JobKernel(Kernel):
    def __init__(self, **options):
        super().__init__(**options)
        leave = Leave(self.shell)
        self.shell.user_ns.update(exit=leave, quit=leave)
        self.shell.user_ns_hidden.update(exit=leave, quit=leave)


class Forgetting(dict):
    """In the place of IPython's list of all that was ever printed and shown, which would fill the memory of a kernel that lives
    for days. Only the magic %notebook reads it; here the log has it all."""

    def __missing__(self, key):
        return []


class App(IPKernelApp):
    kernel_class = Kernel
    outstream_class = f"{__name__}.Stream"

    def init_iopub(self, context):
        # Options of a context are those of the sockets that it makes from now on.
        context.setsockopt(zmq.SNDHWM, QUEUE)
        context.setsockopt(zmq.XPUB_NODROP, 1)
        try:
            super().init_iopub(context)
        finally:
            context.sockopts.clear()

    def init_shell(self):
        super().init_shell()
        history = self.shell.history_manager
        if hasattr(history, "outputs"):
            history.outputs = Forgetting()


if __name__ == "__main__":
    if sys.argv[1] == "--job":
        del sys.argv[1]
        App.kernel_class = JobKernel
    App.launch_instance()
