"""The heads of `make run` and `make venv`: each mishap is one line with its remedy."""

import json
import socket
import sys

import pytest

from ops import bootstrap, run
from ops.processes import OpsError


@pytest.fixture
def checkout(monkeypatch, tmp_path):
    """A checkout whose environment is complete and whose installers answer as told."""
    for name, path in {
        "ROOT": tmp_path,
        "VENV": tmp_path / ".venv",
        "PYTHON": tmp_path / ".venv" / "python",
        "STAMP": tmp_path / ".venv" / "installed.json",
        "LOG": tmp_path / "var" / "bootstrap.log",
        "LOCKS": {"run": tmp_path / "run.txt", "dev": tmp_path / "dev.txt"},
    }.items():
        monkeypatch.setattr(bootstrap, name, path)
    (tmp_path / "run.txt").write_text("a==1")
    (tmp_path / "dev.txt").write_text("a==1 b==1")
    bootstrap.VENV.mkdir()
    bootstrap.PYTHON.touch()
    digests = {kind: bootstrap.digest(lock) for kind, lock in bootstrap.LOCKS.items()}
    bootstrap.STAMP.write_text(json.dumps(digests))
    calls = []

    def attempt(*command):
        calls.append(command)
        bootstrap.LOG.parent.mkdir(exist_ok=True)
        bootstrap.LOG.write_text("error: no route to host\n")
        return checkout_answers

    checkout_answers = True
    monkeypatch.setattr(bootstrap, "attempt", attempt)
    return calls


def test_a_complete_environment_is_left_alone(checkout):
    bootstrap.ensure("run")
    bootstrap.ensure("dev")
    assert checkout == []


def test_a_changed_lock_file_installs_anew(checkout):
    bootstrap.LOCKS["run"].write_text("a==2")
    bootstrap.ensure("run")
    assert any(bootstrap.LOCKS["run"] in command for command in checkout)
    assert list(json.loads(bootstrap.STAMP.read_text())) == ["run"]


def test_an_interrupted_install_is_made_again(checkout):
    bootstrap.STAMP.write_text("{")
    bootstrap.ensure("run")
    assert any("venv" in command for command in checkout)


def test_a_broken_download_names_mirror_and_log(checkout, monkeypatch, capsys):
    bootstrap.LOCKS["run"].write_text("a==2")
    bootstrap.LOG.parent.mkdir()
    bootstrap.LOG.write_text("error: no route to host\n")
    monkeypatch.setattr(bootstrap, "attempt", lambda *command: bool(bootstrap.LOG.touch()))
    monkeypatch.setattr(bootstrap.Path, "unlink", lambda path, missing_ok=False: None)
    monkeypatch.setattr(sys, "argv", ["bootstrap.py"])
    assert bootstrap.main() == 1
    line = capsys.readouterr().err
    assert line.count("\n") == 1
    assert "no route to host" in line
    assert "PIP_INDEX_URL" in line


def test_an_old_python_is_told_which_one_to_take(monkeypatch):
    monkeypatch.setattr(bootstrap.sys, "version_info", (3, 10, 2))
    with pytest.raises(bootstrap.Failure, match=r"3\.11 or newer .* is 3\.10\.2: .*PYTHON="):
        bootstrap.check_interpreter()


def test_a_missing_venv_module_names_the_package(monkeypatch):
    monkeypatch.setattr(bootstrap.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(bootstrap.Failure, match="apt-get install python3-venv"):
        bootstrap.check_interpreter()


def test_a_port_in_use_names_another(monkeypatch):
    with socket.socket() as taken:
        taken.bind((run.HOST, 0))
        taken.listen()
        monkeypatch.setenv("PORT", str(taken.getsockname()[1]))
        with pytest.raises(OpsError, match=r"already in use.*make run PORT=8000"):
            run.free_port()


@pytest.mark.parametrize("text", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_refused(monkeypatch, text):
    monkeypatch.setenv("PORT", text)
    with pytest.raises(OpsError, match="is not a port"):
        run.free_port()
