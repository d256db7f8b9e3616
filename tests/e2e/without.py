"""Runs a program in a world in which a wall of the jail cannot be built:

    without.py WALL... -- PROGRAM [ARGUMENT...]

A word CALL=ERROR, as in openat2=ENOSYS, makes that system call fail everywhere.

The program knows nothing of it: a filter of seccomp(2) that it inherits makes
the calls fail that would build the wall, as they do on a kernel, or in a
container, that lacks it.  Started by root it has mounts, a host's name and
queues of its own, so that nothing an attack changes there is left."""
import ctypes
import errno
import fcntl
import os
import re
import select
import socket
import struct
import sys

CLONE_NEWNS, CLONE_NEWUTS, CLONE_NEWIPC = 0x00020000, 0x04000000, 0x08000000
CLONE_NEWUSER, CLONE_NEWNET = 0x10000000, 0x40000000
MS_REC, MS_PRIVATE = 0x4000, 0x40000
PR_SET_SECCOMP, PR_SET_NO_NEW_PRIVS, PR_SET_MDWE = 22, 38, 65
# Of x86-64.
SOCKET = 41
PRCTL, CHROOT, SETGROUPS, SETRESUID, SETRESGID = 157, 161, 116, 117, 119
UNSHARE, SECCOMP, LANDLOCK_CREATE_RULESET = 272, 317, 444
OPEN_TREE, MOUNT_SETATTR = 428, 442

RETURN_ALLOW, RETURN_ERRNO, RETURN_ASK = 0x7fff0000, 0x00050000, 0x7fc00000
ANY = (0, 0, 0)

# A call fails with an error if, of its argument number n, these bits are that:
# {wall: [(call, (n, bits, value), error)]}
CALLS = {
    "user": [(number, ANY, errno.EPERM) for number in (SETGROUPS, SETRESUID, SETRESGID)],
    "chroot": [(CHROOT, ANY, errno.EPERM)],
    "read_only_mounts": [(MOUNT_SETATTR, ANY, errno.ENOSYS)],
    "detached_mounts": [(OPEN_TREE, ANY, errno.EPERM)],
    "network_namespace": [(UNSHARE, (0, CLONE_NEWNET, CLONE_NEWNET), errno.EPERM)],
    "user_namespace": [(UNSHARE, (0, CLONE_NEWUSER, CLONE_NEWUSER), errno.EPERM)],
    "mdwe": [(PRCTL, (0, 0xffffffff, PR_SET_MDWE), errno.EINVAL)],
    "seccomp": [(SECCOMP, ANY, errno.ENOSYS)],
    "landlock": [(LANDLOCK_CREATE_RULESET, ANY, errno.ENOSYS)],
}
NUMBERS = "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"
# landlock of an older version: what landlock_create_ruleset(2) says of it
VERSIONS = {"landlock_truncate": 2, "landlock_network": 3, "landlock_scopes": 5}
ASKS_VERSION = (2, 1, 1)

libc = ctypes.CDLL(None, use_errno=True)


def check(result):
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def instruction(code, value, true=0, false=0):
    return struct.pack("=HBBI", code, true, false, value)


def rule(number, test, answer):
    """Instructions that answer one call, if its argument is so."""
    argument, bits, value = test
    return b"".join([
        instruction(0x20, 0),                        # load the number
        instruction(0x15, number, 0, 4),             # it is another: go on
        instruction(0x20, 16 + 8 * argument),        # load the argument
        instruction(0x54, bits),                     # of it, these bits
        instruction(0x15, value, 0, 1),              # they are others: go on
        instruction(0x06, answer),                   # return
    ])


def calls_of(word):
    """What fails by a word: a wall's calls, or the one that it names."""
    if "=" not in word:
        return CALLS.get(word, [])
    call, error = word.split("=")
    with open(NUMBERS) as numbers:
        number = re.search(rf"^#define __NR_{call} (\d+)$", numbers.read(), re.M)[1]
    return [(int(number), ANY, getattr(errno, error))]


def program(rules):
    code = b"".join(rules) + instruction(0x06, RETURN_ALLOW)
    kept = ctypes.create_string_buffer(code, len(code))

    class Program(ctypes.Structure):
        _fields_ = [("length", ctypes.c_ushort), ("code", ctypes.c_void_p)]

    made = Program(len(code) // 8, ctypes.addressof(kept))
    made.kept = kept
    return made


def be_apart():
    """Mounts, queues and a host's name of its own."""
    check(libc.unshare(CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC))
    check(libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None))


def answer_with(version, listener):
    """Answers every question of a filter, until nobody is left to ask."""
    poll = select.poll()
    poll.register(listener, select.POLLIN)
    while poll.poll()[0][1] & select.POLLIN:
        try:
            question = fcntl.ioctl(listener, 0xc0502100, bytes(80))
            number, = struct.unpack_from("=Q", question)
            fcntl.ioctl(listener, 0xc0182101, struct.pack("=QqiI", number, version, 0, 0))
        except FileNotFoundError:
            pass  # who asked has ended


def be_old(version):
    """From here on landlock says that it is of this version."""
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        if os.fork() == 0:
            _, (listener,), _, _ = socket.recv_fds(theirs, 1, 1)
            answer_with(version, listener)
        os._exit(0)
    os.wait()
    filters = program([rule(LANDLOCK_CREATE_RULESET, ASKS_VERSION, RETURN_ASK)])
    listener = check(libc.syscall(SECCOMP, 1, 8, ctypes.byref(filters)))
    socket.send_fds(ours, [b"."], [listener])
    os.close(listener)


def main(words):
    border = words.index("--")
    walls, argv = words[:border], words[border + 1:]
    if os.geteuid() == 0:
        be_apart()
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
    for wall in walls:
        if wall in VERSIONS:
            be_old(VERSIONS[wall])
    filters = program([rule(number, test, RETURN_ERRNO | error)
                       for wall in walls for number, test, error in calls_of(wall)])
    check(libc.prctl(PR_SET_SECCOMP, 2, ctypes.byref(filters), 0, 0))
    os.execv(argv[0], argv)


main(sys.argv[1:])
