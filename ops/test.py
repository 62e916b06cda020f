"""`make test`: everything that must hold before a change is handed in.

Every step runs, also after one has failed; the end names those that did. Words after the program's
name go to pytest, which is then the only step: make test ARGS="tests/changes -k approve".
"""

from __future__ import annotations

import os
import secrets
import shlex
import subprocess
import sys
import time
from pathlib import Path

from ops.processes import OpsError
from ops.services import OWNER, EphemeralServices

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"

PRODUCTION = {
    "DJANGO_SETTINGS_MODULE": "config.settings.prod",
    "SECRET_KEY": secrets.token_urlsafe(48),
    "ALLOWED_HOSTS": "interlock.example",
    "INTERLOCK_DEMO": "0",
}
TEST = {"DJANGO_SETTINGS_MODULE": "config.settings.test"}

# (what is checked, command, environment beyond the addresses of the services)
STEPS: tuple[tuple[str, str, dict[str, str]], ...] = (
    ("style", "ruff check", {}),
    ("format", "ruff format --check", {}),
    ("types", "mypy", {}),
    ("directions of imports", "lint-imports", {}),
    ("migrations are complete", "python manage.py makemigrations --check --dry-run", TEST),
    (
        "production settings",
        "python manage.py check --deploy --fail-level WARNING",
        PRODUCTION,
    ),
    ("tests", "python -m pytest -n 2 --dist loadscope -q", TEST),
)


def run(title: str, command: str, env: dict[str, str]) -> bool:
    print(f"\n--- {title}: {command}", flush=True)
    began = time.monotonic()
    program, *words = shlex.split(command)
    done = subprocess.run([str(BIN / program), *words], cwd=ROOT, env={**os.environ, **env})
    passed = done.returncode == 0
    print(
        f"{title}: {'ok' if passed else 'FAILED'} in {time.monotonic() - began:.1f} s", flush=True
    )
    return passed


def main() -> int:
    os.environ["PATH"] = f"{BIN}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
    words = sys.argv[1:]
    steps = STEPS[-1:] if words else STEPS
    try:
        services = EphemeralServices()
        services.start()
    except OpsError as error:
        print(error, file=sys.stderr)
        return 1
    try:
        addresses = services.environment(OWNER)
        failed = [
            title
            for title, command, env in steps
            if not run(title, shlex.join([*shlex.split(command), *words]), {**addresses, **env})
        ]
    except KeyboardInterrupt:
        failed = ["interrupted"]
    finally:
        services.stop()
    print(f"\nFAILED: {', '.join(failed)}" if failed else "\nAll steps passed.")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
