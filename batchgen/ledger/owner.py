"""Who holds a job: one process, told apart from every other, also from a later one with the same pid."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Self

import psutil


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Host + boot + pid + process start. ``boot`` also names the pid namespace, so that two containers with
    one host name are not taken for each other."""

    host: str
    boot: str
    pid: int
    started: str

    @classmethod
    def this_process(cls) -> Self:
        process = psutil.Process()
        return cls(host=socket.gethostname(), boot=_boot(), pid=process.pid, started=_start_of(process))

    @classmethod
    def parse(cls, text: str) -> Self:
        """The owner that ``str(owner)`` wrote."""
        host, boot, pid, started = text.rsplit("|", 3)
        return cls(host=host, boot=boot, pid=int(pid), started=started)

    def __str__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        return f"{self.host}|{self.boot}|{self.pid}|{self.started}"

    @property
    def shares_our_clock(self) -> bool:
        """Whether the process ran on this very machine, since it was last started."""
        return self.host == socket.gethostname() and _machine(self.boot) == _machine(_boot())

    def surely_gone(self) -> bool:
        """Whether this host can show that the process is over. Another host's process is never surely gone."""
        if self.host != socket.gethostname():
            return False
        if self.boot != _boot():
            return _machine(self.boot) != _machine(_boot())
        try:
            return _start_of(psutil.Process(self.pid)) != self.started
        except psutil.NoSuchProcess:
            return True
        except psutil.AccessDenied:
            return False


def _start_of(process: psutil.Process) -> str:
    if process.status() == psutil.STATUS_ZOMBIE:
        raise psutil.NoSuchProcess(process.pid)
    stat = Path(f"/proc/{process.pid}/stat")
    if stat.exists():
        # In clock ticks since boot: unlike psutil's time of day, a stepped clock does not move it.
        return stat.read_text().rpartition(")")[2].split()[19]
    return f"{process.create_time():.2f}"


def _machine(boot: str) -> str:
    """The boot without the pid namespace."""
    return boot.split("/")[0]


def _boot() -> str:
    """The kernel's boot id where there is one (Linux), else the boot time; with the pid namespace."""
    boot_id = Path("/proc/sys/kernel/random/boot_id")
    if not boot_id.exists():
        return f"{psutil.boot_time():.0f}"
    return f"{boot_id.read_text().strip()}/{os.readlink('/proc/self/ns/pid')}"  # noqa: PTH115  # not a file's path
