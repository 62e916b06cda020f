"""config.env: what is read, and how a wrong value is refused."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


@pytest.fixture
def given(monkeypatch):
    return lambda value: monkeypatch.setenv("INTERLOCK_X", value)


def test_a_missing_variable_without_default_names_itself_and_the_remedy(monkeypatch):
    monkeypatch.delenv("INTERLOCK_X", raising=False)
    with pytest.raises(ImproperlyConfigured, match=r"^INTERLOCK_X is not set: set it to .+\.$"):
        env.text("INTERLOCK_X")


def test_blank_counts_as_missing(given):
    given("  ")
    assert env.text("INTERLOCK_X", "default") == "default"


@pytest.mark.parametrize(
    ("reader", "value", "expected"),
    [
        (env.text, " a ", "a"),
        (env.number, "8", 8),
        (env.flag, "1", True),
        (env.flag, "Off", False),
        (env.items, "a, b,,", ["a", "b"]),
        (env.address, "https://tsa.example/tsr", "https://tsa.example/tsr"),
        (env.redis, "unix:///run/v.sock", "unix:///run/v.sock"),
        (env.redis, "rediss://host:6379/1", "rediss://host:6379/1"),
    ],
)
def test_reads(given, reader, value, expected):
    given(value)
    assert reader("INTERLOCK_X") == expected


@pytest.mark.parametrize(
    ("reader", "value"),
    [
        (env.number, "eight"),
        (env.address, "file:///etc/passwd"),
        (env.address, "https:///tsr"),
        (env.flag, "maybe"),
        (env.items, " , "),
        (env.database, "sqlite:///db.sqlite3"),
        (env.database, "postgresql://host/"),
        (env.database, "postgresql://host/name?nonsense=1"),
        (env.redis, "amqp://host"),
        (env.redis, "redis://:secret@/0"),
    ],
)
def test_refuses_and_never_prints_the_value(given, reader, value):
    given(value)
    with pytest.raises(ImproperlyConfigured, match="INTERLOCK_X is not usable: set it to") as error:
        reader("INTERLOCK_X")
    assert value.strip(" ,") == "" or value not in str(error.value)


def test_database_url_becomes_connection_settings(given):
    given("postgresql://me:p%40ss@/name?host=%2Frun%2Fpg&connect_timeout=3")
    assert env.database("INTERLOCK_X") == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "name",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "/run/pg",
        "PORT": "",
        "OPTIONS": {"connect_timeout": "3"},
    }


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("redis://host:6379/2", "redis://host:6379/2"),
        ("unix:///run/v.sock", "redis+socket:///run/v.sock?virtual_host=0"),
        ("unix:///run/v.sock?db=3", "redis+socket:///run/v.sock?virtual_host=3"),
    ],
)
def test_broker_url_is_the_same_server(url, expected):
    assert env.broker(url) == expected


def test_a_file_never_overrides_the_environment(monkeypatch, tmp_path):
    monkeypatch.setenv("INTERLOCK_X", "from outside")
    monkeypatch.setenv("INTERLOCK_Y", "remembered, so that the test leaves nothing behind")
    monkeypatch.delenv("INTERLOCK_Y")
    file = tmp_path / "services.env"
    file.write_text("INTERLOCK_X=from file\nINTERLOCK_Y=a=b\n\nnonsense\n")
    env.load(file)
    assert env.text("INTERLOCK_X") == "from outside"
    assert env.text("INTERLOCK_Y") == "a=b"


def test_a_missing_file_is_no_error(tmp_path):
    env.load(tmp_path / "none")
