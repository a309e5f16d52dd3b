"""Starts ipykernel so that nothing it publishes is dropped. Runs in the user's Python and imports nothing of ours.

Stock ipykernel queues 1,000 messages for a subscriber and silently drops the rest. Here a full queue makes the publisher
wait, and a program that prints faster than the supervisor writes is slowed down before its output fills the memory.
"""

import sys

# Python puts the folder of a script first; the user's imports must not find our files there.
del sys.path[0]

import zmq  # noqa: E402
from ipykernel.iostream import OutStream  # noqa: E402
from ipykernel.kernelapp import IPKernelApp  # noqa: E402

QUEUE = 128
"""Messages that may wait for the supervisor."""
STREAM_MESSAGE = 1 << 20
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


class Kernel(IPKernelApp):
    outstream_class = f"{__name__}.Stream"

    def init_iopub(self, context):
        # Options of a context are those of the sockets that it makes from now on.
        context.setsockopt(zmq.SNDHWM, QUEUE)
        context.setsockopt(zmq.XPUB_NODROP, 1)
        try:
            super().init_iopub(context)
        finally:
            context.sockopts.clear()


if __name__ == "__main__":
    Kernel.launch_instance()
