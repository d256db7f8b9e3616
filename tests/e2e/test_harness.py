"""What the other tests rely on: no program outlives its test."""
import pathlib

import pytest

from conftest import children_of


@pytest.mark.parametrize("command", ["echo $$ >{0}; exec sleep 60", "echo $$ >{0}; echo >&2 no; exec sleep 60 >&-"])
def test_a_program_that_is_never_ready_is_killed(start, tmp_path, command):
    file = tmp_path / "pid"
    with pytest.raises(AssertionError, match="said nothing on stdout"):
        start(["/bin/sh", "-c", command.format(file)], ready_s=0.5)
    pid = int(file.read_text())
    assert not pathlib.Path(f"/proc/{pid}").exists()
    assert children_of(pid) == []
