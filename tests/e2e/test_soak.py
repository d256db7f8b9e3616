"""100,000 short connections leave nothing behind."""
import re
import pathlib
import subprocess

from conftest import BUILD, descriptors_of, wait_until

CONNECTIONS = 100_000
LIMIT_S = 120
GROWTH_KIB = 16


def resident_kib(pid):
    text = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(re.search(r"^Rss:\s+(\d+)", text, re.M)[1])


def load(port, connections):
    said = subprocess.run(
        [BUILD / "lab/bench/loadgen", "-c", "32", "-s", "50", "-n", str(connections), str(port)],
        check=True, text=True, stdout=subprocess.PIPE, timeout=LIMIT_S).stdout
    return [int(number) for number in re.match(r"requests (\d+) failed (\d+)", said).groups()]


def test_100000_short_connections_leave_nothing_behind(ezhttpd, tmp_path):
    (tmp_path / "index.html").write_bytes(b"short\n")
    program = ezhttpd(tmp_path, "--log=off").settle()
    # The first ones touch pages that were not there at start.
    assert load(program.port, 10_000) == [10_000, 0]
    wait_until(lambda: not program.clients(), what="the first children are collected")
    descriptors, memory = sorted(descriptors_of(program.pid)), resident_kib(program.pid)
    assert load(program.port, CONNECTIONS) == [CONNECTIONS, 0]
    # Zombies are children too.
    wait_until(lambda: not program.clients(), limit_s=1, what="every child is collected")
    assert sorted(descriptors_of(program.pid)) == descriptors
    assert resident_kib(program.pid) - memory <= GROWTH_KIB
    assert {pid for pid, _, _ in program.children()} == program.helpers
    assert program.stop() == 0
