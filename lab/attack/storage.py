"""Storage that hangs, in the site of a server: a file that is never opened."""
import contextlib
import os
import subprocess

import servers

HANGING_FS = servers.BUILD / "lab/attack/hanging_fs"
FOLDER = "hanging"
STOP_S = 10


def is_possible():
    return os.geteuid() == 0 and os.path.exists("/dev/fuse")


@contextlib.contextmanager
def hanging(folder):
    """Yields a function that ends it; then all who wait for it get an error."""
    place = folder / "www" / FOLDER
    place.mkdir()
    with subprocess.Popen([HANGING_FS, place], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        def end():
            process.stdin.close()
            process.wait(STOP_S)
        try:
            if not process.stdout.readline():
                raise RuntimeError("hanging_fs: not mounted")
            yield end
        finally:
            end()
    place.rmdir()
