"""Landlock: a program that confines itself, starts a command, and ends everything that the command leaves behind.

Run by path with a plain interpreter, so it imports nothing but the standard library:
``python -I -S landlock.py POLICY COMMAND...``, the policy as JSON: {"confine": bool, "network": bool, "readable": [],
"writable": []}.
"""

import ctypes
import functools
import json
import os
import signal
import struct
import sys
from collections.abc import Iterator, Sequence

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
"""Numbers of the system calls: the same on every architecture."""

PATH_BENEATH = 1
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
READING = EXECUTE | READ_FILE | READ_DIR
ON_FILES = EXECUTE | WRITE_FILE | READ_FILE | (1 << 14) | (1 << 15)
"""What may be allowed on something that is not a folder: the above, truncate, device control."""

RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1, 5: (1 << 16) - 1}
"""Every right over files, by the version of the kernel's interface."""

TCP = 0b11
"""Binding and connecting; the kernel knows them from version 4 on."""

SCOPES = 0b11
"""Abstract sockets and signals to processes outside; from version 6 on."""

SET_PDEATHSIG, SET_CHILD_SUBREAPER, SET_NO_NEW_PRIVS = 1, 36, 38

SET_SECCOMP, SECCOMP_FILTER = 22, 2
LOAD, IF_EQUAL, IF_AT_LEAST, RETURN = 0x20, 0x15, 0x35, 0x06
"""Instructions of the kernel's filter language: load a word, jump if it equals or is at least, return."""

ALLOW, REFUSE = 0x7FFF0000, 0x00050000 | 13
"""What a filter returns: go on, or fail with EACCES."""

INTERNET = (2, 10, 17)
"""Families of sockets that lead out of the machine: IPv4, IPv6, raw packets."""

ARCHITECTURES = {
    "x86_64": (0xC000003E, {"socket": 41, "ptrace": 101, "process_vm_readv": 310, "process_vm_writev": 311}),
    "aarch64": (0xC00000B7, {"socket": 198, "ptrace": 117, "process_vm_readv": 270, "process_vm_writev": 271}),
}
"""The kernel's mark of an architecture, and its numbers of the calls that are refused."""

X32 = 0x40000000
"""Added to a number it is the same call by another table: it would pass by every comparison."""

IO_URING_SETUP = 425
"""Opens a way around every filter of calls; the same number everywhere."""


class _Ruleset(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """The version of the kernel's interface; 0 where there is none or it is switched off."""
    if sys.platform != "linux":
        return 0
    return max(0, int(libc().syscall(CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint32(1))))


@functools.cache
def libc() -> ctypes.CDLL:
    """The C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def confine(readable: Sequence[str], writable: Sequence[str], network: bool) -> None:
    """Give up, for this process and all that it starts, every file but these, and TCP where the kernel can.

    With `network` TCP is kept.

    Paths that are not there are left out. Raises OSError where the kernel refuses.
    """
    abi = version()
    every = RIGHTS[min(abi, max(RIGHTS))] if abi else 0
    if not every:
        raise OSError("this kernel has no Landlock")
    size = 24 if abi >= 6 else 16 if abi >= 4 else 8
    ruleset = _Ruleset(every, TCP if abi >= 4 and not network else 0, SCOPES if abi >= 6 else 0)
    rules = _called(CREATE_RULESET, ctypes.byref(ruleset), ctypes.c_size_t(size), ctypes.c_uint32(0))
    for path in readable:
        _allow(rules, path, READING & every)
    for path in writable:
        _allow(rules, path, every)
    if libc().prctl(SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs was refused")
    _called(RESTRICT_SELF, ctypes.c_int(rules), ctypes.c_uint32(0))
    os.close(rules)


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("filter", ctypes.c_void_p))


def refuse_calls(network: bool) -> None:
    """Give up, where the architecture is known, sockets that lead out of the machine and a look into other processes.

    With `network` the sockets are kept.

    Landlock rules over TCP alone, and that only from its version 4 on. Raises OSError where the kernel refuses.
    """
    code = call_filter(os.uname().machine, network)
    if not code:
        return
    buffer = ctypes.create_string_buffer(code, len(code))
    program = _Program(len(code) // 8, ctypes.cast(buffer, ctypes.c_void_p))
    if libc().prctl(SET_SECCOMP, SECCOMP_FILTER, ctypes.byref(program), 0, 0):
        raise OSError(ctypes.get_errno(), "the filter of system calls was refused")


def call_filter(machine: str, network: bool = False) -> bytes:
    """The filter in the kernel's form, empty where the architecture is not known."""
    if machine not in ARCHITECTURES:
        return b""
    mark, numbers = ARCHITECTURES[machine]
    refused = [IO_URING_SETUP, *(number for name, number in numbers.items() if name != "socket")]
    # A call of a foreign architecture, such as 32 bit on 64, has other numbers: it is refused whole.
    steps = [(LOAD, 0, 0, 4), (IF_EQUAL, 1, 0, mark), (RETURN, 0, 0, REFUSE), (LOAD, 0, 0, 0)]
    steps += [(IF_AT_LEAST, 0, 1, X32), (RETURN, 0, 0, REFUSE)]
    for number in refused:
        steps += [(IF_EQUAL, 0, 1, number), (RETURN, 0, 0, REFUSE)]
    steps += [(IF_EQUAL, 1, 0, numbers["socket"]), (RETURN, 0, 0, ALLOW), (LOAD, 0, 0, 16)]
    for family in () if network else INTERNET:
        steps += [(IF_EQUAL, 0, 1, family), (RETURN, 0, 0, REFUSE)]
    return b"".join(struct.pack("=HBBI", *step) for step in [*steps, (RETURN, 0, 0, ALLOW)])


def _allow(rules: int, path: str, rights: int) -> None:
    try:
        folder = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    beneath = _Beneath(rights if os.path.isdir(path) else rights & ON_FILES, folder)
    _called(ADD_RULE, ctypes.c_int(rules), ctypes.c_int(PATH_BENEATH), ctypes.byref(beneath), ctypes.c_uint32(0))
    os.close(folder)


def _called(number: int, *arguments: object) -> int:
    result = int(libc().syscall(number, *arguments))
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def supervise(command: Sequence[str], parent: int) -> int:
    """Run the command and return its exit code; at its end, or when told to, end all that descends from it.

    A background process that moved to a session of its own is found all the same. That ``parent``, which waits for
    this process, is killed counts as being told to. Signals are waited for, never handled: at no moment can one cut
    short what is being started or ended.
    """
    heard = {signal.SIGTERM, signal.SIGINT, signal.SIGCHLD}
    signal.pthread_sigmask(signal.SIG_BLOCK, heard)
    libc().prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    libc().prctl(SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    if os.getppid() != parent:
        return 128 + signal.SIGTERM
    child = os.fork()
    if child == 0:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, heard)
        os.execv(command[0], list(command))
    ended, code = 0, 128 + signal.SIGTERM
    while not ended and signal.sigwait(heard) == signal.SIGCHLD:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
    _end_descendants()
    return code


def _end_descendants() -> None:
    """Kill until nothing is left: what loses its parent becomes a child of this process."""
    while left := list(_children()):
        for pid in left:
            os.kill(pid, signal.SIGKILL)
        for pid in left:
            os.waitpid(pid, 0)


def _children() -> Iterator[int]:
    with open(f"/proc/self/task/{os.getpid()}/children") as listed:
        yield from map(int, listed.read().split())


def main(arguments: Sequence[str]) -> int:
    """Confine, supervise; a signal that ended the command is reported as a shell does, as 128 and its number."""
    policy = json.loads(arguments[0])
    if policy["confine"]:
        confine(policy["readable"], policy["writable"], policy["network"])
        refuse_calls(policy["network"])
    code = supervise(arguments[1:], policy["parent"])
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
