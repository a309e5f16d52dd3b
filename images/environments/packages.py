"""Looks at the packages of /opt/env and changes them, in a container of an environment's image.

Runs under the supervisor's Python, so that it works whatever state the environment is in, as the owner of /opt/env: as do the builds
of foreign packages, so that nothing that it says is to be trusted further than them. What uv says goes to stdout as it is;
what is for the gateway is one JSON object a line behind a record separator: {"package": …}, {"hashes": …}, {"module": …},
{"part": …}, {"error": …}.

  inventory        every package with its hashes
  preview          what "install" and "uninstall" would do
  change           does it, and then says what inventory says, but for hashes that the index has to be asked for
  fits             whether what was changed fits together; may be asked while an image is made
  hashes           those of the "pins", such as six==1.17.0; writes nothing that an image made meanwhile would hold
  pack             a tar archive of the packages "names", on stdout
  archive          the same in parts, base64; nothing if the files are of more than "most" bytes
  remove           removes the files of the packages "names", and says which modules they were
  limits           fails if a limit was met since the container started, and says which

  attend           obeys all of these, one JSON object a line from stdin with its "command"; {"done": code} ends each

Its one argument is JSON. "install" holds requirements as they were written; "folder" is where what is not one word was put:
requirements.txt and the wheels. It is deleted before the environment is kept.
"""

import base64
import compileall
import contextlib
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import threading
import traceback
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ENV = Path("/opt/env")
PYTHON = ENV / "bin/python"
# Not one that an environment brings.
UV = "/usr/local/bin/uv"
SITE = next((ENV / "lib").glob("python3*/site-packages"))
# Above this many files, starting several processes is worth its time.
MANY = 300
# Up to this many, starting one is not.
FEW = 50
# Bytes of an archive in one line.
PART = 30_000
BESIDE = ThreadPoolExecutor()
# A look at what does not fit that began before anything was changed.
BEFORE = None
# The look after the change, and what did not fit before.
AFTER = None
# Questions to the index, by pins, that were asked before the gateway wants to know.
LOOKING = {}


def tell(**fields):
    sys.stdout.write("\x1e" + json.dumps(fields) + "\n")
    sys.stdout.flush()


def normalise(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def uv(*arguments, words=()):
    """Runs it with its words on our stdout. Returns whether it succeeded."""
    command = [UV, "pip", *arguments, "--python", str(PYTHON), "--color", "never", "--no-progress"]
    command += ["--", *words] if words else []
    before, over = limits_met(), threading.Event()
    # Our own stdin is for orders.
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    threading.Thread(target=end_over_limits, args=(before, over, process), daemon=True).start()
    code = process.wait()
    over.set()
    return code == 0


def uv_says(*arguments, text=None):
    command = [UV, "pip", *arguments, "--python", str(PYTHON), "--color", "never", "--no-progress"]
    scratch = {"TMPDIR": os.environ.get("UV_CACHE_DIR", "/tmp")}
    return subprocess.run(command, input=text or "", capture_output=True, text=True, env={**os.environ, **scratch})


def distributions():
    """{normalised name: (name, version, dist-info)}"""
    found = {}
    for folder in sorted(SITE.glob("*.dist-info")):
        name, version = folder.name.removesuffix(".dist-info").rsplit("-", 1)
        found[normalise(name)] = (normalise(name), version, folder)
    return found


def origin(folder):
    """Where a package that is not from an index came from: ("git" | "wheel", what, hashes)."""
    try:
        direct = json.loads((folder / "direct_url.json").read_text())
    except (OSError, RuntimeError):
        return None
    vcs = direct.get("vcs_info")
    if vcs:
        part = f"#subdirectory={direct['subdirectory']}" if direct.get("subdirectory") else ""
        return "git", f"{vcs['vcs']}+{direct['url']}@{vcs['commit_id']}{part}", []
    path = direct["url"].removeprefix("file://")
    hashes = [f"{kind}:{value}" for kind, value in (direct.get("archive_info", {}).get("hashes") or {}).items()]
    if not hashes and direct["url"].startswith("file://") and Path(path).is_file():
        hashes = ["sha256:" + hashlib.sha256(Path(path).read_bytes()).hexdigest()]
    if not hashes and direct["url"].startswith(("https://", "http://")):
        hashes = url_hashes(direct["url"])
    return "wheel", direct["url"].rsplit("/", 1)[-1] if direct["url"].startswith("file://") else direct["url"], hashes


def url_hashes(url):
    """Of what lies there today, since uv keeps none; nothing where it does not answer any more."""
    digest = hashlib.sha256()
    try:
        with urllib.request.urlopen(url, timeout=60) as answer:
            while piece := answer.read(1 << 20):
                digest.update(piece)
    except (OSError, ValueError):
        return []
    return [f"sha256:{digest.hexdigest()}"]


def index_hashes(pins):
    """{pin: hashes} as the index tells, which is asked from uv's cache where it was just asked."""
    if not pins:
        return {}
    lock = ["compile", "--quiet", "--no-deps", "--generate-hashes", "--no-header", "--no-annotate", "--prerelease", "allow", "-"]
    answer = uv_says(*lock, text="\n".join(pins))
    if answer.returncode != 0 and len(pins) > 1:
        # One that the index does not have any more must not take the others' hashes away.
        return {pin: hashes for one in pins for pin, hashes in index_hashes([one]).items()}
    found, pin = {}, None
    for line in answer.stdout.splitlines():
        if line.startswith(" ") and pin:
            found[pin] += re.findall(r"--hash=(\S+)", line)
        elif "==" in line:
            pin = line.split()[0].rstrip("\\").strip()
            found[pin] = []
    return {normalise(pin.split("==")[0]) + "==" + pin.split("==")[1]: hashes for pin, hashes in found.items()}


def tell_all(hashes_of):
    """Says every package. `hashes_of` is given the pins of those that are from an index."""
    found = [(name, version, origin(folder)) for name, version, folder in distributions().values()]
    hashes = hashes_of([f"{name}=={version}" for name, version, whence in found if not whence])
    for name, version, whence in found:
        source, from_, own = whence or ("index", None, hashes.get(f"{name}=={version}", []))
        tell(package={"name": name, "version": version, "source": source, "from": from_, "hashes": own})


def inventory(**_):
    tell_all(index_hashes)


def hashes(pins, **_):
    looking = LOOKING.get(frozenset(pins))
    tell(hashes=looking.result() if looking else index_hashes(pins))


def plan(folder, install, uninstall):
    """uv's arguments for both steps."""
    words = [*install, *(str(path) for path in sorted((folder / "wheels").glob("*")))]
    requirements = ["--requirements", str(folder / "requirements.txt")] if (folder / "requirements.txt").exists() else []
    return words, requirements, uninstall


def steps(folder, install, uninstall, *more):
    words, requirements, uninstall = plan(folder, install, uninstall)
    if uninstall and not uv("uninstall", *more, words=uninstall):
        return False
    # A package that is given as a file or from Git is wanted as it is now, even if this version of it is there.
    return not (words or requirements) or uv("install", *requirements, *more, words=words)


def preview(folder, install, uninstall, **_):
    done = steps(Path(folder), install, uninstall, "--dry-run")
    shutil.rmtree(folder, ignore_errors=True)
    return 0 if done else 1


def misfits():
    """What does not fit together, in uv's words."""
    return {line for line in uv_says("check").stderr.splitlines() if line.startswith("The package ")}


def change(folder, install, uninstall, **_):
    global AFTER
    folder = Path(folder)
    before, broken = distributions(), BEFORE.result() if BEFORE else misfits()
    stamps = {name: stamp(dist) for name, (_n, _v, dist) in before.items()}
    if not steps(folder, install, uninstall):
        return 1
    after = distributions()
    if "ipykernel" not in after:
        tell(error="Kernels need ipykernel; the environment must keep it.")
        return 1
    AFTER = BESIDE.submit(misfits), broken
    changed = {name: dist for name, (_n, _v, dist) in after.items() if stamps.get(name) != stamp(dist)}
    pins = [f"{name}=={after[name][1]}" for name, dist in changed.items() if not origin(dist)]
    LOOKING[frozenset(pins)] = BESIDE.submit(index_hashes, pins)
    compile_files([path for dist in changed.values() for path in files(dist) if path.suffix == ".py"])
    tell_all(lambda _pins: {})
    shutil.rmtree(folder, ignore_errors=True)
    return 0


def fits(**_):
    looking, broken = AFTER
    worse = sorted(looking.result() - broken)
    if worse:
        tell(error=". ".join(worse) + ". Ask for versions that fit together, or uninstall what does not fit in the same change.")
    return 1 if worse else 0


def stamp(dist):
    return dist.name, (dist / "RECORD").stat().st_ctime_ns


def compile_files(paths):
    """Kernels may not write byte code here and would compile again and again. A package's own tests are imported by nobody."""
    wanted = [str(path) for path in paths if "/tests/" not in str(path) and "/test/" not in str(path)]
    if len(wanted) <= FEW and SITE.parent.name == f"python{sys.version_info.major}.{sys.version_info.minor}":
        for path in wanted:
            compileall.compile_file(path, quiet=2)
        return
    jobs = ["-j", "0"] if len(wanted) > MANY else []
    command = [str(PYTHON), "-I", "-m", "compileall", "-q", *jobs, "-i", "-"]
    subprocess.run(command, input="\n".join(wanted), text=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def files(dist):
    """What a package is made of, with its byte code."""
    for line in (dist / "RECORD").read_text().splitlines():
        name = line.rsplit(",", 2)[0].strip('"')
        path = Path(os.path.normpath(SITE / name))
        if ENV not in path.parents:
            continue
        yield path
        if path.suffix == ".py":
            yield from (path.parent / "__pycache__").glob(f"{path.stem}.cpython-*.pyc")


def chosen(names):
    all_ = distributions()
    return [all_[name][2] for name in names if name in all_]


def write_archive(target, names):
    with tarfile.open(fileobj=target, mode="w|", format=tarfile.GNU_FORMAT) as archive:
        paths = [path for path in dict.fromkeys(path for dist in chosen(names) for path in files(dist)) if path.exists()]
        # With their folders: who unpacks it makes missing ones, and as somebody who is not the owner of the packages.
        folders = {parent for path in paths for parent in path.parents if ENV in parent.parents}
        for path in [*sorted(folders), *paths]:
            archive.add(path, arcname=str(path.relative_to("/")), recursive=False)


def pack(names, **_):
    write_archive(sys.stdout.buffer, names)
    return 0


def archive(names, most, **_):
    if sum(path.stat().st_size for dist in chosen(names) for path in files(dist) if path.exists()) > most:
        return 0
    buffer = io.BytesIO()
    write_archive(buffer, names)
    everything = buffer.getvalue()
    for start in range(0, len(everything), PART):
        tell(part=base64.b64encode(everything[start : start + PART]).decode())
    return 0


def remove(names, **_):
    modules, folders = set(), set()
    for path in {path for dist in chosen(names) for path in files(dist)}:
        if SITE in path.parents and (path.suffix in (".py", ".so")):
            modules.add(path.relative_to(SITE).parts[0].split(".")[0])
        path.unlink(missing_ok=True)
        folders.update(parent for parent in path.parents if SITE in parent.parents)
    for folder in sorted(folders, key=lambda folder: -len(folder.parts)):
        # What others put there stays, and the folder with it.
        with contextlib.suppress(OSError):
            folder.rmdir()
    for module in sorted(modules):
        tell(module=module)
    return 0


# How often a limit was met, and what it is, as version 2 of the kernel's control groups and version 1 tell.
GROUPS = Path("/sys/fs/cgroup")
MEMORY_1 = GROUPS / "memory"
MEMORY = [(GROUPS / "memory.events", GROUPS / "memory.max"), (MEMORY_1 / "memory.oom_control", MEMORY_1 / "memory.limit_in_bytes")]
PROCESSES = [(GROUPS / "pids.events", GROUPS / "pids.max"), (GROUPS / "pids/pids.events", GROUPS / "pids/pids.max")]


def met(files, word):
    """(how often, the limit)"""
    for events, limit in files:
        with contextlib.suppress(OSError, ValueError):
            return int(re.search(rf"^{word} (\d+)", events.read_text(), re.MULTILINE)[1]), int(limit.read_text())
    return 0, 0


def limits_met():
    return met(MEMORY, "oom_kill"), met(PROCESSES, "max")


def tell_limits(before):
    """Says which limit was met since. Returns whether one was."""
    ((memory_before, _), (processes_before, _)), ((memory, bytes_), (processes, most)) = before, limits_met()
    advice = "Ask for versions that come as wheels, which need no build."
    if memory > memory_before:
        tell(error=f"The build needed more memory than its limit of {bytes_ // 2**20} MiB. {advice}")
    elif processes > processes_before:
        tell(error=f"The build started more processes than its limit of {most}. {advice}")
    return memory > memory_before or processes > processes_before


def end_over_limits(before, over, process):
    """A build that met one may wait for ever for processes that it could not start, or that were ended."""
    while not over.wait(1):
        if [count for count, _ in limits_met()] != [count for count, _ in before]:
            # What it was about to say itself tells more.
            over.wait(2)
            process.kill()
            return


def limits(**_):
    return 1 if tell_limits(((0, 0), (0, 0))) else 0


COMMANDS = {
    "inventory": inventory,
    "fits": fits,
    "hashes": hashes,
    "preview": preview,
    "change": change,
    "pack": pack,
    "archive": archive,
    "remove": remove,
    "limits": limits,
}


def obey(command, input_):
    before = limits_met()
    try:
        code = COMMANDS[command](**input_) or 0
    except OSError:
        # No process could be started, or the like.
        traceback.print_exc(file=sys.stdout)
        code = 1
    if code:
        tell_limits(before)
    return code


def open_relay(ports):
    """Has what connects to the ports of this container's loopback reach the gateway's sockets."""
    import asyncio

    async def copy(source, target):
        with contextlib.suppress(OSError):
            while part := await source.read(1 << 16):
                target.write(part)
                await target.drain()
        with contextlib.suppress(OSError):
            target.write_eof()

    async def serve(port):
        async def connected(reader, writer):
            try:
                there, back = await asyncio.open_unix_connection(f"/bine-relay/{port}.sock")
                await asyncio.gather(copy(reader, back), copy(there, writer))
                back.close()
            except OSError as error:
                print(f"The gateway cannot be reached: {error}", flush=True)
            writer.close()

        return await asyncio.start_server(connected, "127.0.0.1", port)

    async def run():
        for port in ports:
            await serve(port)
        ready.set()
        await asyncio.Event().wait()

    ready = threading.Event()
    threading.Thread(target=lambda: asyncio.run(run()), daemon=True).start()
    ready.wait()


def attend():
    for line in sys.stdin:
        order = json.loads(line)
        tell(done=obey(order.pop("command"), order))


if __name__ == "__main__":
    if sys.argv[1] == "attend":
        if os.environ.get("BINE_RELAY"):
            open_relay([int(port) for port in os.environ["BINE_RELAY"].split()])
        # What does not fit before the first change is found out while nobody waits.
        BEFORE = BESIDE.submit(misfits)
        attend()
    else:
        sys.exit(obey(sys.argv[1], json.loads(sys.argv[2])))
