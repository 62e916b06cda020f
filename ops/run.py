"""`make run`: the whole portal with its demo, until Ctrl-C. `make demo`: the same from the start.

Services, migrations and demo data first, then web server, sealer, worker and beat as children; when
one of them dies, or we are told to stop, all of them stop. Their logs are in var/log.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import FrameType
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from apps.evidence.domain.roles import APP, SEALER, WORKER
from ops.processes import Child, OpsError, remove, wait_until
from ops.services import OWNER, Services

ROOT = Path(__file__).resolve().parent.parent
VAR = ROOT / "var"
BIN = ROOT / ".venv" / "bin"
HOST = "127.0.0.1"
#: What the log of the demo is called.
LOG_NAME = "evidence.localhost"


class Stopped(Exception):
    """Somebody asked us to stop."""


def stop_signals() -> None:
    def handler(_number: int, _frame: FrameType | None) -> None:
        # Once is enough: a second Ctrl-C must not cut the stopping short.
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        raise Stopped

    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, handler)


def free_port() -> int:
    """The port the portal will have, from PORT; raises OpsError when it cannot have it."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise OpsError(f"PORT={text} is not a port: choose one, for example: make run PORT=8001")
    port = int(text)
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise OpsError(
                f"Port {port} cannot be used ({error.strerror}): stop what listens there, "
                f"or choose another, for example: make run PORT={8001 if port == 8000 else 8000}"
            ) from error
    return port


def any_port() -> int:
    """A port that is free now, for a server that only our own processes talk to."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


def secret_key() -> str:
    """Made once for this checkout, so that sessions survive a restart."""
    path = VAR / "secret_key"
    if not path.exists():
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text()


def manage(env: dict[str, str], *words: str) -> str:
    """Run a management command and return what it printed; raises OpsError when it fails."""
    done = subprocess.run(
        [str(BIN / "python"), "manage.py", *words],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise OpsError(
            f"manage.py {' '.join(words)} failed:\n{(done.stderr or done.stdout)[-4000:]}"
        )
    return done.stdout


class Portal:
    """Everything `make run` starts, in the order in which it stops again, reversed."""

    def __init__(self, port: int, services: Services) -> None:
        self.url = f"http://{HOST}:{port}/"
        self._port, self._services = port, services
        self._children: list[Child] = []
        # A z/OSMF of our own for the demo, unless the environment names a real one.
        self._zosmf = "" if os.environ.get("INTERLOCK_ZOSMF_URL") else str(any_port())

    def _env(self, role: str) -> dict[str, str]:
        zosmf = {"INTERLOCK_ZOSMF_URL": f"http://{HOST}:{self._zosmf}"} if self._zosmf else {}
        return {
            **zosmf,
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "config.settings.dev",
            "INTERLOCK_URL": self.url,
            "SECRET_KEY": secret_key(),
            **self._services.environment(role),
        }

    def forget(self) -> None:
        """Begin with an empty database, and with a log of its own: the old one is about another."""
        self._services.forget()
        remove(VAR / "sealer")
        remove(VAR / "anchor")
        remove(VAR / "packs")

    def prepare(self) -> None:
        """Tables and demo data. Only the migrations run as the owner of the tables."""
        self._write_environment()
        say("Migrating the database")
        manage(self._env(OWNER), "migrate", "--no-input", "-v", "0")
        say("Looking after the demo data")
        manage(self._env(APP), "seed_demo")
        (VAR / "anchor").mkdir(mode=0o700, exist_ok=True)
        manage(self._env(SEALER), "create_seal_key", LOG_NAME)

    def _write_environment(self) -> None:
        path = VAR / "services.env"
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        names = {"SECRET_KEY": secret_key(), **self._services.environment(APP)}
        path.write_text("".join(f"{name}={value}\n" for name, value in names.items()))

    def start(self) -> str:
        """Return the demo logins when the portal answers; the others are then on their way."""
        say("Starting web server, sealer, worker and beat")
        gunicorn = "gunicorn config.wsgi --preload --workers 2 --threads 4 --no-control-socket"
        celery = "celery -A config"
        web = self._child("web", f"{gunicorn} --bind {HOST}:{self._port}")
        logins = manage(self._env(APP), "demo_logins")
        wait_until(self._answers, web)
        if self._zosmf:
            simulator = "apps.integrations.adapters.zosmf.simulator"
            self._child("zosmf", f"python -m {simulator} {self._zosmf}")
        self._child("sealer", "python manage.py seal", SEALER)
        self._child("worker", f"{celery} worker --concurrency 2 --without-gossip -l INFO", WORKER)
        self._child("beat", f"{celery} beat --pidfile= -s {VAR.name}/beat-schedule -l INFO", WORKER)
        return logins

    def _child(self, name: str, command: str, role: str = APP) -> Child:
        program, *words = command.split()
        log = VAR / "log" / f"{name}.log"
        child = Child(name, [BIN / program, *words], log=log, env=self._env(role), cwd=ROOT)
        self._children.append(child)
        return child

    def _answers(self) -> bool:
        try:
            with urlopen(self.url + "healthz", timeout=5) as response:
                return bool(response.status == 200)
        except HTTPError as error:
            raise OpsError(f"{error.url} answers {error.code}; see var/log/web.log") from error
        except (URLError, OSError):
            return False

    def watch(self) -> None:
        """Return never: until a signal comes, or a child dies."""
        while True:
            for child in self._children:
                if not child.alive():
                    raise OpsError(f"{child.name} died; {child.log} ends:\n{child.last_words()}")
            time.sleep(0.5)

    def stop(self) -> None:
        for child in self._children:
            child.ask_to_stop()
        for child in self._children:
            child.stop(10)
        self._services.stop()
        (VAR / "services.env").unlink(missing_ok=True)


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    stop_signals()
    portal = None
    try:
        port = free_port()
        services = Services(VAR)
        portal = Portal(port, services)
        say("Starting the database and the broker")
        services.start()
        if "--fresh" in sys.argv[1:]:
            portal.forget()
        portal.prepare()
        logins = portal.start()
        say(f"\n{logins}\nInterlock runs at {portal.url}    Logs: var/log    Stop: Ctrl-C")
        portal.watch()
    except Stopped:
        say("\nStopping")
        return 0
    except OpsError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        if portal:
            portal.stop()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
