from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command

from apps.accounts.domain.roles import LABEL_OF_ROLE
from apps.accounts.models import User
from apps.core import clock
from apps.core.models import DemoClock
from apps.portal.demo.logins import demo_logins
from apps.portal.demo.stage import read
from apps.portal.demo.worlds import NIGHT_AT
from tests.factories import make_user


@pytest.fixture
def demo(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.INTERLOCK_DEMO = True
    settings.INTERLOCK_DEMO_PASSWORD = "night shift at northgate"
    monkeypatch.setattr(clock, "_offset", None)


def test_the_demo_is_refused_where_it_is_off() -> None:
    for command in ("seed_demo", "demo_logins"):
        with pytest.raises(CommandError, match="INTERLOCK_DEMO is off"):
            call_command(command)


@pytest.mark.django_db
def test_a_second_run_says_that_it_is_there(demo: None, capsys: pytest.CaptureFixture[str]) -> None:
    clock.set_demo_clock(NIGHT_AT)
    call_command("seed_demo")
    assert "is there already" in capsys.readouterr().out
    assert not User.objects.exists()


@pytest.mark.django_db
def test_other_data_is_left_alone(demo: None) -> None:
    make_user("somebody")
    with pytest.raises(CommandError, match="other data"):
        call_command("seed_demo")
    assert not DemoClock.objects.exists()


def test_there_is_a_login_for_every_role_of_a_person(
    demo: None, capsys: pytest.CaptureFixture[str]
) -> None:
    people = read("people.yaml")["people"]
    shown = {
        granted.partition("@")[0]
        for username, *_ in demo_logins()
        for granted in people[username]["roles"]
    }
    assert shown == LABEL_OF_ROLE.keys() - {"integration"}
    call_command("demo_logins")
    printed = capsys.readouterr().out
    assert "night shift at northgate" in printed
    assert all(username in printed for username, *_ in demo_logins())
