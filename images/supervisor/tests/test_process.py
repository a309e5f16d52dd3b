import pytest

from bine_supervisor.process import Meters

V1 = {
    "memory/memory.usage_in_bytes": "5000\n",
    "memory/memory.limit_in_bytes": "2147483648\n",
    "memory/memory.stat": "cache 900\ntotal_inactive_file 1000\n",
    "memory/memory.oom_control": "oom_kill_disable 0\nunder_oom 0\noom_kill 3\n",
    "cpuacct/cpuacct.usage": "5000000000\n",
}
V2 = {
    "memory.current": "5000\n",
    "memory.max": "2147483648\n",
    "memory.stat": "anon 900\ninactive_file 1000\n",
    "memory.events": "low 0\noom 5\noom_kill 3\n",
    "cpu.stat": "usage_usec 5000000\nuser_usec 1\n",
}


def write(root, files):
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize("files", [V1, V2], ids=["cgroup v1", "cgroup v2"])
def test_reads_what_the_container_uses(tmp_path, files):
    write(tmp_path, files)
    meters = Meters(str(tmp_path))
    assert (meters.memory(), meters.limit(), meters.out_of_memory()) == (4000, 2 << 30, 3)
    assert meters.cores() is None, "an average needs two samples"
    assert meters.cores() == 0.0


@pytest.mark.parametrize("files", [{"memory.max": "max\n"}, {"memory/memory.limit_in_bytes": "9223372036854771712\n"}])
def test_knows_no_limit_where_there_is_none(tmp_path, files):
    write(tmp_path, files)
    assert Meters(str(tmp_path)).limit() is None


def test_says_nothing_where_there_is_no_cgroup(tmp_path):
    meters = Meters(str(tmp_path))
    assert (meters.memory(), meters.limit(), meters.out_of_memory(), meters.cores()) == (None, None, 0, None)
