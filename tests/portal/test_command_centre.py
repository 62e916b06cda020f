"""The command centre at 00:40 of the demo's night: the golden numbers, and what a refresh costs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.accounts.models import User
from apps.accounts.selectors import actor_for
from apps.core import clock
from apps.notifications.models import Message
from apps.portal.live import Screen, screen_of
from apps.releases.domain.planner.what_if import WhatIf
from apps.releases.models import Activity, Alert, RunIssue
from apps.releases.services import live as service
from apps.releases.services.alerts import watch_nights
from apps.releases.services.live import Live, live_of
from apps.windows.models import ReleaseWindow
from apps.windows.selectors import windows_with_people
from tests.live_night import LiveNightTestCase
from tests.scenarios import NIGHT_AT

#: Session, user and roles, the night, one for each part of the page; in a new minute also what the
#: rules and the inventory are asked.
NEW_MINUTE_BUDGET, PAGE_BUDGET, SAME_MINUTE_BUDGET = 65, 26, 9


class TestCommandCentre(LiveNightTestCase):
    window: ReleaseWindow

    @classmethod
    def setUpTestData(cls) -> None:
        super().setUpTestData()
        cls.window = windows_with_people().get(code="W-2611")

    def setUp(self) -> None:
        super().setUp()
        self.patch = pytest.MonkeyPatch()
        self.addCleanup(self.patch.undo)

    def live(self) -> Live:
        return live_of(self.window)

    def screen(self, username: str = "coordinator") -> Screen:
        return screen_of(self.window, actor_for(self.user(username), channel="admin"))

    def user(self, username: str) -> User:
        return User.objects.get(username=username)

    def client_of(self, username: str = "coordinator") -> Client:
        client = Client()
        client.force_login(self.user(username))
        return client

    def get(self, query: str = "", username: str = "coordinator", page: str = "live") -> str:
        answer = self.client_of(username).get(f"/windows/{self.window.pk}/{page}/{query}")
        assert answer.status_code == 200
        return answer.content.decode()

    def clock_of(self, live: Live, minute: int) -> str:
        return f"{live.at(minute).astimezone(NIGHT_AT.tzinfo):%H:%M}"

    def test_the_golden_numbers_on_the_rows_of_the_demo(self) -> None:
        live = self.live()
        found = live.projection
        assert found is not None
        times = [
            self.clock_of(live, m) for m in (found.go_ready, found.no_return, found.planned_go)
        ]
        assert times == ["02:29", "02:18", "01:25"]
        assert (found.margin, found.level) == (-11, "red")
        told = found.earned
        assert (told.planned_value, told.earned_value, told.at_completion) == (259, 197, 374)
        assert (told.earned_schedule, told.schedule_variance) == (113, -47)

    def test_the_what_ifs_of_the_night_with_the_vetoes_of_its_rules(self) -> None:
        told: dict[tuple[str, str], WhatIf] = {
            (each.kind, each.subject): each for each in self.live().what_ifs or ()
        }
        assert told["capacity", "STOR"].margin == 31
        assert told["capacity", "STOR"].is_recommended
        assert told["cutoff", "+30"].margin == 19
        assert told["capacity", "APPB"].margin == -11
        drop = told["drop", "RP-2611-01"]
        assert drop.margin == 43 and not drop.is_recommended
        assert {"X02", "C10"} <= {veto.rule for veto in drop.vetoes}

    def test_the_screen_says_it_in_words(self) -> None:
        screen = self.screen()
        assert screen.margin == "\u221211"
        assert "cannot return after 02:18" in screen.sentence
        assert screen.advice == "Best move: one more in Storage, margin +31."
        assert (screen.hits.job, self.hhmm(screen.hits.arrival)) == ("POSTTRAN", "05:10")
        assert screen.wanted and screen.proven == 0
        storage = next(crew for crew in screen.crew if crew.code == "STOR")
        assert (storage.busy, storage.capacity, storage.is_short) == (1, 1, True)
        assert storage.keeps_roster and all(phone for _, phone in storage.people)

    def hhmm(self, moment: Any) -> str:
        return f"{moment.astimezone(NIGHT_AT.tzinfo):%H:%M}"

    def test_the_page_shows_lanes_marks_log_and_moves(self) -> None:
        text = self.get()
        for words in ("\u221211", 'class="g-pnr"', 'class="g-now"', 'class="g-commit"', "g-proj",
                      "Vetoed", "POSTTRAN", "in 4 h 30 min", "Write to the log"):  # fmt: skip
            assert words in text, words
        assert "style=" not in text and "<script>" not in text

    def test_the_text_form_draws_nothing_and_the_wall_has_nothing_to_press(self) -> None:
        text = self.get("?text=1")
        assert "il-gantt" not in text and "il-track" not in text
        assert "drives the end" in text
        wall = self.get("?wall=1")
        assert "il-wall" in wall and "nav-sidebar" not in wall and "Write to the log" not in wall

    def test_the_status_page_holds_the_same_facts_and_nothing_to_do(self) -> None:
        watch_nights()
        text = self.get(page="status", username="viewer")
        assert "\u221211" in text and "POSTTRAN" in text
        for words in ("Acknowledge</button>", "Write to the log", "Raise</a>"):
            assert words not in text, words
            assert words in self.get(), words
        assert "Write to the log" not in self.get(username="viewer")

    def test_a_refresh_within_the_minute_is_not_modified_and_solves_nothing(self) -> None:
        client = self.client_of()
        url = f"/windows/{self.window.pk}/live/?part=1"
        tag = client.get(url)["ETag"]
        self.patch.setattr(service, "project", self.refuse_to_solve)
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(url, headers={"if-none-match": tag})
        assert (answer.status_code, answer.content) == (304, b"")
        assert len(queries) <= SAME_MINUTE_BUDGET
        assert client.get(url).status_code == 200, "what was solved is kept for everybody"

    def refuse_to_solve(self, *_: Any, **__: Any) -> None:
        raise AssertionError("It was solved in this minute already.")

    def test_the_next_minute_and_a_new_line_are_another_page(self) -> None:
        client = self.client_of()
        url = f"/windows/{self.window.pk}/live/"
        tag = client.get(f"{url}?part=1")["ETag"]
        assert (
            client.post(f"{url}log/", {"text": "Storage calls a second person."}).status_code == 302
        )
        told = client.get(f"{url}?part=1", headers={"if-none-match": tag})
        assert told.status_code == 200
        assert "Storage calls a second person." in told.content.decode()
        with clock.at(NIGHT_AT + timedelta(minutes=1)):
            later = client.get(f"{url}?part=1", headers={"if-none-match": told["ETag"]})
        assert later.status_code == 200

    def test_a_line_without_words_is_refused_on_the_page(self) -> None:
        answer = self.client_of().post(f"/windows/{self.window.pk}/live/log/", {"text": " "})
        assert answer.status_code == 400
        assert "Not done" in answer.content.decode()

    def test_an_alert_is_raised_once_and_acknowledged_on_the_page(self) -> None:
        assert watch_nights() == 1
        assert watch_nights() == 0
        alert = Alert.objects.get()
        assert (alert.kind, alert.level, alert.rung) == ("beyond", "red", 0)
        url = f"/windows/{self.window.pk}/live/alerts/{alert.pk}/acknowledge/"
        assert self.client_of("storage").post(url).status_code == 403
        assert self.client_of("release.manager").post(url).status_code == 302
        alert = Alert.objects.get()
        assert alert.acknowledged_by == self.user("release.manager")
        assert "looks at it since 00:40" in self.get()

    def test_a_program_reads_the_night_and_asks_again_for_what_changed(self) -> None:
        watch_nights()
        client = self.client_of()
        url = f"/api/v1/windows/{self.window.pk}/live/"
        answer = client.get(url)
        told = answer.json()
        assert told["projection"]["margin_minutes"] == -11
        assert told["projection"]["go_ready_at"] == "2026-11-22T02:29+01:00"
        assert told["first_job"]["job"] == "POSTTRAN"
        assert [alert["kind"] for alert in told["alerts"]] == ["beyond"]
        assert {"X02", "C10"} <= {v["rule"] for each in told["what_ifs"] for v in each["vetoes"]}
        assert client.get(url, headers={"if-none-match": answer["ETag"]}).status_code == 304
        move = f"/api/v1/alerts/{told['alerts'][0]['id']}/moves/acknowledge/"
        done = client.post(move, {}, content_type="application/json")
        assert (done.status_code, done.json()["state"]) == (200, "acknowledged")

    def test_the_first_page_leads_to_the_night(self) -> None:
        text = self.client_of("owner.card").get("/admin/").content.decode()
        assert "W-2611 is live, margin \u221211 min" in text
        assert f"/windows/{self.window.pk}/live/" in text
        answer = self.client_of().get("/live/")
        assert answer["Location"] == f"/windows/{self.window.pk}/live/"

    def test_the_page_costs_the_same_for_any_night(self) -> None:
        client = self.client_of()

        def cost(*, is_new_minute: bool = True) -> int:
            if is_new_minute:
                cache.clear()
            with CaptureQueriesContext(connection) as queries:
                client.get(f"/windows/{self.window.pk}/live/?part=1")
            return len(queries)

        cost()
        whole = cost()
        assert whole <= NEW_MINUTE_BUDGET
        assert cost(is_new_minute=False) <= PAGE_BUDGET
        watch_nights()
        issue = RunIssue.objects.count()
        step = Activity.objects.get(package__code="RP-2611-02", label="B4")
        for title in ("Sort work is short", "The exit is slow"):
            self.client_of().post(
                "/admin/releases/runissue/add/",
                {"window": self.window.pk, "step": step.pk, "title": title, "severity": "hinders"},
            )
        assert RunIssue.objects.count() == issue + 2
        assert cost() == whole
        text = self.get()
        assert "Sort work is short" in text and "Issues of the night" in text
        assert not Message.objects.filter(kind="alert").exists()
