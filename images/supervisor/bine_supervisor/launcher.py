"""Starts ipykernel so that nothing it publishes is dropped. Runs in the user's Python and imports nothing of ours.

Stock ipykernel queues 1,000 messages for a subscriber and silently drops the rest. Here a full queue makes the publisher
wait, and a program that prints faster than the supervisor writes is slowed down before its output fills the memory.
"""

import codecs
import contextlib
import importlib.metadata
import importlib.util
import json
import os
import re
import runpy
import shlex
import shutil
import signal
import sys

# Python puts the folder of a script first; the user's imports must not find our files there.
HERE = sys.path.pop(0)

import IPython  # noqa: E402
import zmq  # noqa: E402
from ipykernel import zmqshell  # noqa: E402
from ipykernel.iostream import OutStream  # noqa: E402
from ipykernel.ipkernel import IPythonKernel  # noqa: E402
from ipykernel.kernelapp import IPKernelApp  # noqa: E402
from IPython.core.autocall import ExitAutocall  # noqa: E402
from IPython.core.error import StdinNotImplementedError, UsageError  # noqa: E402
from IPython.core.magics import script  # noqa: E402
from IPython.core.magics.packaging import PackagingMagics  # noqa: E402
from jupyter_client.jsonutil import json_clean, json_default  # noqa: E402

QUEUE = 64
"""Messages that may wait for the supervisor."""
STREAM_MESSAGE = 256 << 10
"""Characters of output in one message: whatever reads it needs little memory, however much is printed at once."""
UNFLUSHED = 4 << 20
"""Characters that may wait to be published."""
PIPE = 64 << 10
INSIDES = os.path.dirname(zmqshell.__file__) + os.sep
SHELL = os.path.dirname(IPython.__file__) + os.sep
"""What runs a cell, on the way into it."""


def pack(message):
    """Half of a surrogate pair is replaced: ipykernel would fail to send the message, and what a cell printed would be lost."""
    try:
        text = json.dumps(message, default=json_default, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError):
        text = json.dumps(json_clean(message), default=json_default, ensure_ascii=False, allow_nan=False)
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()


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

    def _watch_pipe_fd(self):
        """What child processes print. A character that is cut between two reads is joined; ipykernel replaces both halves."""
        if self._fid is None:
            return
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        try:
            while (data := os.read(self._fid, PIPE)) and self._should_watch:
                self.write(decoder.decode(data))
                os.write(self._original_stdstream_copy, data)
            self.write(decoder.decode(b"", final=True))
        except Exception:
            # As ipykernel does: it is raised where the stream is closed.
            self._exc = sys.exc_info()

    def _flush_buffers(self):
        for parent, text in super()._flush_buffers():
            for at in range(0, len(text), STREAM_MESSAGE):
                yield parent, text[at : at + STREAM_MESSAGE]


INSTALL = (
    'Packages are installed into the environment, not from a cell: "bine env install ENVIRONMENT PACKAGE -p PROJECT", '
    'or "Install Packages…" in the editor. Running kernels get them in place.'
)
INSTALLERS = {
    "pip": lambda: importlib.util.find_spec("pip") is not None,
    "conda": lambda: os.path.isdir(os.path.join(sys.prefix, "conda-meta")),
    "mamba": lambda: os.path.isdir(os.path.join(sys.prefix, "conda-meta")),
    "uv": lambda: shutil.which("uv") is not None,
}
"""Magics, and whether what they call is there: then it is used as anywhere else."""
DRAWN = (None, "auto", "inline", "agg")
"""What figures can be drawn with where there is no screen."""


def install(line):
    """`%pip` and its like. A notebook that installs what is there runs as it is."""
    command, *words = shlex.split(line) or [""]
    if command in ("list", "freeze"):
        print(*sorted(f"{one.name}=={one.version}" for one in importlib.metadata.distributions()), sep="\n")
        return
    if command not in ("install", "uninstall", "remove", "add", "update", "upgrade"):
        print(INSTALL, file=sys.stderr)  # it only asks, and a notebook goes on without the answer
        return
    names = [match[0] for word in words if (match := re.match(r"[A-Za-z0-9][\w.-]*(?=$|[\[<>=!~;])", word))]
    if command != "install" or not names or len(names) < len([word for word in words if not re.fullmatch(r"-q+|-U|--\w+", word)]):
        raise UsageError(INSTALL)
    try:
        found = [f"{name} {importlib.metadata.version(name)}" for name in names]
    except importlib.metadata.PackageNotFoundError as error:
        raise UsageError(INSTALL) from error
    print("Installed already:", ", ".join(found))


class Shell(zmqshell.ZMQInteractiveShell):
    def enable_matplotlib(self, gui=None):
        """Whoever asks for a window or a widget gets his figures anyway."""
        if gui not in DRAWN:
            print(f"%matplotlib {gui} needs a screen or widgets, which are not here: figures are drawn inline.", file=sys.stderr)
            gui = "inline"
        return super().enable_matplotlib(gui)

    def init_magics(self):
        super().init_magics()
        packaging = PackagingMagics(self)
        for name, is_here in INSTALLERS.items():
            own = getattr(packaging, name, install)
            self.register_magic_function(lambda line, own=own, is_here=is_here: (own if is_here() else install)(line), "line", name)

    def _get_exc_info(self, exc_tuple=None):
        """Where `input()` was interrupted, without the insides of the kernel, which say nothing about the cell."""
        kind, value, first = super()._get_exc_info(exc_tuple)
        if kind is KeyboardInterrupt:
            of_cell, step = None, first
            while step is not None:
                file = step.tb_frame.f_code.co_filename
                if file.startswith((INSIDES, __file__)):
                    if of_cell is not None:
                        of_cell.tb_next = None
                        break
                elif not file.startswith(SHELL):
                    of_cell = step
                step = step.tb_next
        return kind, value, first


# Libraries look at the name of the shell to know that this is a notebook: rich, pandas and many more.
for name in ("__name__", "__qualname__", "__module__"):
    setattr(Shell, name, getattr(zmqshell.ZMQInteractiveShell, name))


class Kernel(IPythonKernel):
    """Its event loop notices an interrupt while a cell awaits; ipykernel's goes on sleeping until something else happens."""

    shell_class = Shell

    async def do_execute(self, *args, **options):
        """Where showing a value failed, ipykernel does not say what failed."""
        reply = await super().do_execute(*args, **options)
        error = getattr(sys, "last_value", None)
        if reply.get("ename") == "NoneType" and error is not None:
            reply.update(ename=type(error).__name__, evalue=str(error))
        return reply

    def raw_input(self, prompt=""):
        self._refuse_questions("input()", "take it from a parameter of the notebook")
        return super().raw_input(prompt)

    def getpass(self, *args, **options):
        self._refuse_questions("getpass()", "give it as a secret, which is an environment variable here")
        return super().getpass(*args, **options)

    def _refuse_questions(self, what, instead):
        if not self._allow_stdin:
            raise StdinNotImplementedError(
                f"{what} waits for an answer that nobody can give here: {instead}, or run the cell in the editor."
            )

    @contextlib.contextmanager
    def _cancel_on_sigint(self, future):
        with super()._cancel_on_sigint(future):
            cancel = signal.getsignal(signal.SIGINT)

            def cancel_and_wake(*args):
                cancel(*args)
                self.io_loop.asyncio_loop.call_soon_threadsafe(lambda: None)

            signal.signal(signal.SIGINT, cancel_and_wake)
            yield


def joining(run):
    """Of what `!command` prints, a character that is cut between two reads is joined; IPython replaces both halves."""

    def system(command):
        import pexpect

        class Child(pexpect.spawn):
            def expect_list(self, *arguments, **options):
                found = super().expect_list(*arguments, **options)
                if found == 0 and isinstance(self.before, bytes):
                    # A time-out: more may come, and this will be read again with it.
                    decoder = codecs.getincrementaldecoder("utf-8")("replace")
                    decoder.decode(self.before[-4:])
                    self.before = self.before[: len(self.before) - len(decoder.getstate()[0])]
                return found

        # What IPython takes where it is there.
        pexpect.spawnb = Child
        return run(command)

    return system


class Nothing(str):
    """No characters, and yet not the end."""

    def __bool__(self):
        return True


def decoder_of_scripts(encoding):
    """What decodes the output of `%%bash`. IPython takes a piece of a character for the end of all output."""
    make = codecs.getincrementaldecoder(encoding)

    class Decoder(make):
        def decode(self, data, final=False):
            text = super().decode(data, final or not data)
            return text if text or not data else Nothing()

    return Decoder


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
        self.session.pack = pack
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
    if os.environ.get("BINE_SECRETS_DIR"):
        # What was typed may have secrets in it, which are for no disk.
        sys.argv.append("--HistoryManager.hist_file=:memory:")
    runpy.run_path(os.path.join(HERE, "libraries.py"))
    zmqshell.system = joining(zmqshell.system)
    script.getincrementaldecoder = decoder_of_scripts
    if sys.argv[1] == "--job":
        del sys.argv[1]
        App.kernel_class = JobKernel
    App.launch_instance()
