"""The supervisor of the embedded servers, on real processes."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from apps.evidence.domain.roles import APP
from ops import services
from ops.processes import OpsError, command_of, end_orphan
from ops.services import OWNER, Services


@pytest.fixture
def home(monkeypatch):
    """A closed folder, as in a home directory of mode 0700, and no servers given."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    outer = Path(tempfile.mkdtemp(prefix="closed-"))
    system = Path(tempfile.mkdtemp(prefix="system-"))
    system.chmod(0o755)
    monkeypatch.setattr(services, "SYSTEM_HOME", system)
    monkeypatch.setattr(tempfile, "tempdir", str(system))
    monkeypatch.setenv("TMPDIR", str(system))
    yield outer / "home"
    assert outer.stat().st_mode & 0o777 == 0o700, "a folder of somebody else was opened"
    shutil.rmtree(outer)
    shutil.rmtree(system)


@contextmanager
def running(home):
    started = Services(home)
    started.start()
    try:
        yield started
    finally:
        started.stop()


def pids(started):
    return [server._child.pid for server in started._servers()]


def query(started, text, role=APP):
    with psycopg.connect(started.environment(role)["DATABASE_URL"]) as connection:
        return connection.execute(text).fetchone()[0]


def keep_a_row(started):
    with psycopg.connect(started.environment(OWNER)["DATABASE_URL"]) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1")
        connection.execute("GRANT SELECT ON kept TO interlock_app")


def test_keeps_the_data_and_leaves_no_process(home):
    with running(home) as first:
        assert query(first, "SELECT current_user") == APP
        assert query(first, "SELECT current_user", OWNER) == OWNER
        assert query(first, "SELECT inet_server_addr() IS NULL")
        keep_a_row(first)
        old, sockets = pids(first), first._sockets
        with pytest.raises(OpsError, match="Already running"):
            Services(home)
    assert not any(map(command_of, old))
    assert not sockets.exists()
    with running(home) as second:
        assert query(second, "SELECT count(*) FROM kept") == 1
        second.forget()
        assert query(second, "SELECT to_regclass('kept') IS NULL", OWNER)


def test_starts_again_after_every_server_was_killed(home):
    first = Services(home)
    first.start()
    keep_a_row(first)
    for pid in pids(first):
        os.kill(pid, signal.SIGKILL)
    # Nobody waits for the dead: they stay zombies, as under an init that does not reap.
    first._lock.release()
    with running(home) as second:
        assert query(second, "SELECT count(*) FROM kept") == 1
    first.stop()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs PR_SET_PDEATHSIG")
def test_the_servers_end_with_a_killed_supervisor(home):
    script = """
        import sys, time
        from pathlib import Path
        from ops import services
        services.SYSTEM_HOME = Path(sys.argv[2])
        started = services.Services(Path(sys.argv[1]))
        started.start()
        print(*(server._child.pid for server in started._servers()), flush=True)
        time.sleep(60)
    """
    words = [sys.executable, "-c", textwrap.dedent(script), home, services.SYSTEM_HOME]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as supervisor:
        found = [int(pid) for pid in supervisor.stdout.readline().split()]
        assert len(found) == 2
        supervisor.kill()
    end = time.monotonic() + 10
    while any(map(command_of, found)) and time.monotonic() < end:
        time.sleep(0.05)
    assert not any(map(command_of, found))


def test_given_servers_are_used_and_none_is_started(home, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://app@db/name")
    monkeypatch.setenv("DATABASE_OWNER_URL", "postgresql://owner@db/name")
    monkeypatch.setenv("REDIS_URL", "redis://broker/0")
    with running(home) as given:
        assert given.environment(APP)["DATABASE_URL"] == "postgresql://app@db/name"
        assert given.environment(OWNER)["DATABASE_URL"] == "postgresql://owner@db/name"
        with pytest.raises(OpsError, match="unset DATABASE_URL"):
            given.forget()


def test_no_programs_at_all_is_one_line_with_the_remedy(home, monkeypatch):
    monkeypatch.setattr(services, "postgres_programs", lambda: iter(()))
    with pytest.raises(OpsError, match="apt-get install postgresql") as error:
        Services(home)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "content",
    ["", "no number\n", "999999999\n", f"{os.getpid()}\n"],
    ids=["empty", "text", "gone", "another"],
)
def test_a_stale_pid_file_harms_no_other_process(tmp_path, content):
    file = tmp_path / "server.pid"
    file.write_text(content)
    end_orphan(file, str(tmp_path / "never in a command"), signal.SIGKILL)
    assert not file.exists()
