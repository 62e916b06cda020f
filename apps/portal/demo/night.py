"""What people say and raise inside a night."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from apps.evidence.services.remarks import add_comment
from apps.portal.demo.stage import NightClock, Row, Scene, acting, person, read
from apps.releases.models import Activity
from apps.releases.services.run_issues import raise_issue
from apps.windows.models import ReleaseWindow


def scenes() -> Iterator[Scene]:
    for code, row in read("nights.yaml")["windows"].items():
        at = NightClock(row["opens"])
        for minute, username, text in row.get("said", ()):
            yield Scene(at(minute), partial(_say, code, username, text), order=2)
        for issue in row.get("issues", ()):
            yield Scene(at(issue["at"]), partial(_raise, code, issue), order=2)


def _say(code: str, username: str, text: str) -> None:
    window = ReleaseWindow.objects.get(code=code)
    add_comment(about=window.subject, actor=acting(username), text=text)


def _raise(code: str, row: Row) -> None:
    window = ReleaseWindow.objects.get(code=code)
    raise_issue(
        actor=acting(row["by"]),
        values={
            "window": window,
            "step": Activity.objects.get(package__window=window, label=row["step"]),
            "title": row["title"],
            "detail": row["detail"],
            "severity": row["severity"],
            "owner": person(row["owner"]),
        },
    )
