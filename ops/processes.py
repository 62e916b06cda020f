"""Starting, watching and stopping processes so that none is ever left behind. Stdlib only."""

from __future__ import annotations

import ctypes
import fcntl
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

PR_SET_PDEATHSIG = 1


class OpsError(Exception):
    """Something the user has to put right; the message is the whole story in one line."""


class Lock:
    """A folder that one supervisor owns while it lives; the kernel lets go at its death."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "lock"
        self._file: Any = None

    def take(self) -> bool:
        """False when another process holds it."""
        self._file = self._path.open("a+")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.release()
            return False
        return True

    def release(self) -> None:
        if self._file:
            self._file.close()
            self._file = None


class Account:
    """Whom a server runs as: ourselves, or an existing unprivileged user when we are root.

    PostgreSQL refuses to run as root. No user is ever made and no folder of others is changed.
    """

    def __init__(self) -> None:
        self._entry: pwd.struct_passwd | None = None
        if os.geteuid() == 0:
            self._entry = next(filter(None, map(_user, ("postgres", "nobody"))), None)
            if self._entry is None:
                raise OpsError("PostgreSQL does not run as root: run this as an ordinary user.")

    @property
    def switches(self) -> bool:
        return self._entry is not None

    def popen(self) -> dict[str, Any]:
        """Keyword arguments for subprocess."""
        if not self._entry:
            return {}
        entry = self._entry
        return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": [], "cwd": "/"}

    def own(self, path: Path) -> Path:
        if self._entry:
            os.chown(path, self._entry.pw_uid, self._entry.pw_gid)
        return path

    def can_enter(self, folder: Path) -> bool:
        words = ["test", "-x", str(folder)]
        return subprocess.run(words, **self.popen()).returncode == 0


def _user(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """A preexec_fn: the kernel sends `number` to the child when we die, even by kill -9."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(PR_SET_PDEATHSIG, int(number))


class Child:
    """One process in a session of its own, so that Ctrl-C reaches only its supervisor."""

    def __init__(
        self,
        name: str,
        words: Sequence[object],
        *,
        log: Path,
        env: Mapping[str, str],
        quit_signal: signal.Signals = signal.SIGTERM,
        account: Account | None = None,
        cwd: Path | None = None,
    ) -> None:
        self.name, self.log, self._quit = name, log, quit_signal
        options: dict[str, Any] = {"cwd": cwd} | (account.popen() if account else {})
        log.parent.mkdir(parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_suffix(".old"))
        with log.open("wb") as out:
            self._process = subprocess.Popen(
                [str(word) for word in words],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=dict(env),
                start_new_session=True,
                preexec_fn=die_with_parent(quit_signal),  # noqa: PLW1509 - we have no threads
                **options,
            )

    @property
    def pid(self) -> int:
        return self._process.pid

    def alive(self) -> bool:
        return self._process.poll() is None

    def ask_to_stop(self) -> None:
        if self.alive():
            self._process.send_signal(self._quit)

    def stop(self, seconds: float = 15) -> None:
        """Return when the process and everything in its session is gone."""
        self.ask_to_stop()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(seconds)
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        self._process.wait()

    def last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return "\n".join(lines[-8:])


def wait_until(ready: Callable[[], bool], child: Child, seconds: float = 60) -> None:
    """Poll `ready`; raises OpsError when the child dies or the time is over."""
    end = time.monotonic() + seconds
    while not ready():
        if not child.alive():
            raise OpsError(f"{child.name} did not start; {child.log} ends:\n{child.last_words()}")
        if time.monotonic() > end:
            raise OpsError(f"{child.name} does not answer after {seconds:.0f} s; see {child.log}")
        time.sleep(0.02)


def command_of(pid: int) -> str:
    """The command line of a living process; empty for a dead one and for a zombie."""
    try:
        if Path("/proc/self/stat").exists():
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
            raw = Path(f"/proc/{pid}/cmdline").read_bytes()
            return "" if state == "Z" else raw.replace(b"\0", b" ").decode(errors="replace")
        words = ["ps", "-o", "stat=,command=", "-p", str(pid)]
        shown = subprocess.run(words, capture_output=True, text=True).stdout.strip()
    except OSError:
        return ""
    return "" if shown.startswith("Z") else shown


def end_orphan(pid_file: Path, mark: str, number: signal.Signals) -> None:
    """Stop the server of a killed supervisor: its pid in `pid_file`, `mark` in its command.

    Afterwards the file is gone. A process of another owner that has taken over the number since,
    and a zombie that an idle init never reaps, do not carry the mark and are left alone.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        pid = 0
    end = time.monotonic() + 20
    while pid and mark in command_of(pid):
        os.kill(pid, number if time.monotonic() < end else signal.SIGKILL)
        time.sleep(0.1)
    pid_file.unlink(missing_ok=True)


def remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
