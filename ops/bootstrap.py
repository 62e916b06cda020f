"""Make `.venv` and install the locked requirements. Runs on the bare system Python: stdlib only.

python3 ops/bootstrap.py [--dev]

Does nothing when the environment already holds what the lock files name. Every failure is one
line on stderr that says what to do, and exit status 1; details are in var/bootstrap.log.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "installed.json"
LOG = ROOT / "var" / "bootstrap.log"
LOCKS = {"run": ROOT / "requirements.txt", "dev": ROOT / "requirements-dev.txt"}
OLDEST = (3, 11)


class Failure(Exception):
    """Something the user has to put right; the message is the whole story in one line."""


def check_interpreter() -> None:
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info[:2] < OLDEST:
        raise Failure(
            f"Python 3.11 or newer is needed, {sys.executable} is {found}: "
            "install one and name it, for example: make run PYTHON=python3.12"
        )
    if not all(importlib.util.find_spec(name) for name in ("venv", "ensurepip")):
        raise Failure("Python has no venv module: apt-get install python3-venv, then try again.")


def digest(lock: Path) -> str:
    """What an environment depends on: the lock file, its own place and the interpreter."""
    parts = (lock.read_bytes(), str(VENV).encode(), sys.version.encode())
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def installed() -> dict[str, str]:
    """The digests written by earlier installs; empty when the environment is not usable."""
    if not PYTHON.exists():
        return {}
    try:
        stamp = json.loads(STAMP.read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


def attempt(*command: object) -> bool:
    LOG.parent.mkdir(exist_ok=True)
    # Without a cache: a service user's home is often not writable, and one install needs none.
    # With the system's certificates: a company's proxy signs with its own authority.
    uv = {"UV_PYTHON_DOWNLOADS": "never", "UV_NO_CACHE": "1", "UV_SYSTEM_CERTS": "1"}
    pip = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_CACHE_DIR": "1"}
    env = {**os.environ, **uv, **pip}
    with LOG.open("a") as log:
        words = [str(word) for word in command]
        log.write("\n$ " + " ".join(words) + "\n")
        log.flush()
        return subprocess.run(words, stdout=log, stderr=log, env=env, cwd=ROOT).returncode == 0


def last_words() -> str:
    lines = [line.strip() for line in LOG.read_text(errors="replace").splitlines()]
    errors = [line for line in lines if line.lower().startswith(("error", "caused by", "\u2570"))]
    return next(reversed(errors or [line for line in lines if line]), "no output")


def create() -> None:
    if not attempt(sys.executable, "-m", "venv", "--clear", VENV):
        raise Failure(
            f"The virtual environment could not be made ({last_words()}): "
            "apt-get install python3-venv, check the free space, then try again."
        )


def install(lock: Path) -> None:
    """Install `lock` with uv, which is fast; with pip where uv cannot be had or reach its index."""
    pip = (PYTHON, "-m", "pip", "install", "-q", "--require-hashes")
    has_uv = attempt(*pip, "-r", ROOT / "ops" / "uv.txt")
    uv = (VENV / "bin" / "uv", "pip", "install", "-q", "--require-hashes", "--python", PYTHON)
    if has_uv and attempt(*uv, "-r", lock):
        return
    if not attempt(*pip, "-r", lock):
        raise Failure(
            f"The packages could not be downloaded ({last_words()}): check the network, or name "
            f"your mirror in PIP_INDEX_URL, then try again. Details: {LOG.relative_to(ROOT)}"
        )


def ensure(kind: str) -> None:
    """Bring the environment up to lock `kind` ("run" or "dev"; "dev" contains "run")."""
    check_interpreter()
    wanted = {name: digest(LOCKS[name]) for name in (("run", "dev") if kind == "dev" else ("run",))}
    have = installed()
    if all(have.get(name) == value for name, value in wanted.items()):
        return
    print("Setting up .venv (once; needs the network)", flush=True)
    LOG.unlink(missing_ok=True)
    if not have:
        create()
    STAMP.unlink(missing_ok=True)
    install(LOCKS[kind])
    STAMP.write_text(json.dumps(wanted))


def main() -> int:
    try:
        ensure("dev" if "--dev" in sys.argv[1:] else "run")
    except Failure as failure:
        print(failure, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error}: make the checkout writable for this user.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
