"""Production refuses to start with anything missing, weak, or meant for the demo."""

import os
import runpy
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version

import pytest
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

GOOD = {
    "SECRET_KEY": "vX2-9kQmLw7_TzR4yHb8NcJf3sGd6AePu1ZoKi5WqMxE0rVtYn",
    "ALLOWED_HOSTS": "interlock.example",
    "DATABASE_URL": "postgresql://app:secret@db/interlock",
    "REDIS_URL": "redis://broker:6379/0",
}


@pytest.fixture
def production(monkeypatch):
    def load(**changes):
        for name, value in {**GOOD, **changes}.items():
            monkeypatch.setenv(name, value)
        return runpy.run_module("config.settings.prod")

    return load


def test_starts_with_everything_given(production):
    prod = production()
    assert prod["DEBUG"] is False
    assert prod["INTERLOCK_DEMO"] is False
    assert prod["SESSION_COOKIE_NAME"].startswith("__Host-")
    assert prod["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert prod["DATABASES"]["default"]["OPTIONS"]["pool"]["max_size"] == 8


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *((name, "") for name in GOOD),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 60),
        ("SECRET_KEY", "insecure-" + GOOD["SECRET_KEY"]),
        ("ALLOWED_HOSTS", "*"),
        ("DATABASE_URL", "sqlite:///db.sqlite3"),
    ],
)
def test_refuses_in_one_line_that_names_the_variable(production, name, value):
    with pytest.raises(ImproperlyConfigured, match=rf"^{name} is .+: .+\.$"):
        production(**{name: value})


def test_refuses_the_demo():
    done = subprocess.run(
        [sys.executable, "-c", "import config.settings.prod"],
        env={**os.environ, **GOOD, "INTERLOCK_DEMO": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "INTERLOCK_DEMO is set: the demo never runs in production" in done.stderr


def test_content_security_policy_is_strict():
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    sources = {source for values in directives.values() for source in values}
    assert sources == {"'self'", "'none'", "data:"}
    assert [name for name, values in directives.items() if "data:" in values] == ["img-src"]


def test_no_task_outlives_the_time_after_which_its_message_returns():
    visible_again_after = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    assert visible_again_after > settings.CELERY_TASK_TIME_LIMIT


def test_the_abandoned_package_of_the_same_import_name_is_absent():
    assert version("django-fsm-2")
    with pytest.raises(PackageNotFoundError):
        version("django-fsm")
