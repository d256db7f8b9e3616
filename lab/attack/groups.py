"""Control groups of this run's own: what memory is charged to a server, and a
limit of it."""
import contextlib
import os
import pathlib

MEMORY_GROUPS = pathlib.Path("/sys/fs/cgroup/memory"), pathlib.Path("/sys/fs/cgroup")
# Of version 1, and of version 2.
USED_FILES = "memory.usage_in_bytes", "memory.current"
LIMIT_FILES = "memory.limit_in_bytes", "memory.max"


class Group:
    """One, where it can be made."""

    def __init__(self):
        self.path = None
        for parent in MEMORY_GROUPS:
            path = parent / f"tcpserver-attack-{os.getpid()}"
            with contextlib.suppress(OSError):
                path.mkdir()
                self.path = path
                break

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.path:
            self.path.rmdir()

    def file_of(self, names):
        return next((self.path / name for name in names if self.path and (self.path / name).exists()), None)

    def limit(self, limit_bytes):
        """Whether a limit could be set."""
        file = self.file_of(LIMIT_FILES)
        if file:
            file.write_text(str(limit_bytes))
        return file is not None

    def enter(self):
        """Called in a new process, before it becomes a server."""
        if self.path:
            (self.path / "cgroup.procs").write_text("0")

    def add(self, pids):
        for pid in pids if self.path else []:
            (self.path / "cgroup.procs").write_text(str(pid))

    def kib(self):
        """What is charged; None where that is not told."""
        file = self.file_of(USED_FILES)
        return int(file.read_text()) / 1024 if file else None
