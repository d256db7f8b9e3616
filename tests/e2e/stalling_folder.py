"""A file system that hangs, as one on a dead line does: names and sizes are
there, but no open(2) of "stalled" is answered, not even for a process that is
killed.  It speaks the kernel's protocol, see fuse(4), in a thread."""
import ctypes
import os
import select
import stat
import struct
import threading

# opcodes of <linux/fuse.h>
LOOKUP, FORGET, GETATTR, OPEN, READ, STATFS, RELEASE, FLUSH, INIT, OPENDIR, READDIR, RELEASEDIR, INTERRUPT, \
    BATCH_FORGET = 1, 2, 3, 14, 15, 17, 18, 25, 26, 27, 28, 29, 36, 42
UNANSWERED = (FORGET, INTERRUPT, BATCH_FORGET)
HEADER = struct.Struct("<IIQQIIIHH")
REQUEST_BYTES = 1 << 17
VALID_S = 3600
ROOT, PAGE, STALLED = 1, 2, 3
MNT_DETACH = 2
NAMES = {b"page": PAGE, b"stalled": STALLED}
CONTENT = b"a page of the test's own\n"
LIBC = ctypes.CDLL(None, use_errno=True)


def lacks():
    """Why there can be none here; empty: there can."""
    if os.geteuid() != 0:
        return "needs root, who mounts"
    return "" if os.access("/dev/fuse", os.R_OK | os.W_OK) else "needs /dev/fuse"


def attributes(node):
    mode = stat.S_IFDIR | 0o755 if node == ROOT else stat.S_IFREG | 0o644
    return struct.pack("<QQQQQQIIIIIIIIII", node, len(CONTENT), 1, 0, 0, 0, 0, 0, 0, mode, 1, 0, 0, 0, 4096, 0)


def answer_lookup(_, body):
    node = NAMES.get(body.rstrip(b"\0"))
    if node is None:
        return None
    return struct.pack("<QQQQII", node, 0, VALID_S, VALID_S, 0, 0) + attributes(node)


def answer_read(_, body):
    _, offset, size = struct.unpack_from("<QQI", body)
    return CONTENT[offset:offset + size]


ANSWERS = {
    INIT: lambda node, body: struct.pack("<IIIIHHIIHHI28x", 7, 31, 0, 0, 64, 48, 4096, 1, 0, 0, 0),
    LOOKUP: answer_lookup,
    GETATTR: lambda node, body: struct.pack("<QII", VALID_S, 0, 0) + attributes(node),
    OPEN: lambda node, body: struct.pack("<QII", 0, 0, 0),
    OPENDIR: lambda node, body: struct.pack("<QII", 0, 0, 0),
    READ: answer_read,
    READDIR: lambda node, body: b"",
    STATFS: lambda node, body: bytes(80),
    RELEASE: lambda node, body: b"",
    RELEASEDIR: lambda node, body: b"",
    FLUSH: lambda node, body: b"",
}


class StallingFolder:
    """Mounted at `path` until close(), by which all who wait for it go on."""

    def __init__(self, path):
        self.path = path
        self.stalled = 0
        self.stop, self.stopped = os.pipe()
        self.device = os.open("/dev/fuse", os.O_RDWR | os.O_CLOEXEC)
        options = f"fd={self.device},rootmode=40000,user_id=0,group_id=0,allow_other"
        if LIBC.mount(b"stalling", os.fsencode(path), b"fuse.stalling", 0, options.encode()) != 0:
            error = ctypes.get_errno()
            os.close(self.device)
            raise OSError(error, os.strerror(error))
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    def serve(self):
        while self.stop not in select.select([self.device, self.stop], [], [])[0]:
            self.take(os.read(self.device, REQUEST_BYTES))

    def take(self, request):
        _, opcode, unique, node = HEADER.unpack_from(request)[:4]
        if opcode in UNANSWERED:
            return
        if opcode == OPEN and node == STALLED:
            self.stalled += 1
            return
        known = ANSWERS.get(opcode)
        body = known(node, request[HEADER.size:]) if known else None
        error = 0 if body is not None else -2 if known else -38
        body = body or b""
        os.write(self.device, struct.pack("<IiQ", 16 + len(body), error, unique) + body)

    def close(self):
        """All that wait go on: nobody is left who could answer them."""
        os.write(self.stopped, b"x")
        self.thread.join()
        LIBC.umount2(os.fsencode(self.path), MNT_DETACH)
        for number in (self.device, self.stop, self.stopped):
            os.close(number)
