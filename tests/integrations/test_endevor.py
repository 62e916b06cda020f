"""Lists of Endevor packages, of newer and of older servers."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from apps.integrations.adapters import endevor
from apps.inventory.domain.rows import PackageRow
from tests.integrations.files import Read, Write

NEW = {
    "pkgId": "CARD2611B", "description": "ACCOUNT RECORD 340", "pkgType": "STANDARD",
    "backoutFlag": "Y", "windowStartDate": "2026-11-21T22:00:00.00+0000",
    "windowEndDate": "2026-11-22T06:00:00.00+0000", "status": "APPROVED", "apprDate": None,
    "execEndDate": None, "commitDate": None,
}  # fmt: skip
OLD = {
    "PKG ID": "CARD2611B       ", "DESCRIPTION": "ACCOUNT RECORD 340      ",
    "PKG TYPE": "STANDARD ", "BACKOUT FLAG": "Y", "WINDOW START DATE": "2026/11/21 22:00",
    "WINDOW END DATE": "22NOV26 06:00", "STATUS": "APPROVED    ",
}  # fmt: skip


def read(write: Write, answer: Any) -> Read:
    text = answer if isinstance(answer, str) else json.dumps(answer, indent=1)
    return Read(endevor.read([write("packages.json", text)]))


def packages(told: Read) -> list[PackageRow]:
    return [row for row in told.rows if isinstance(row, PackageRow)]


@pytest.mark.parametrize("item", [NEW, OLD], ids=["new keys", "old keys"])
def test_new_and_old_keys_are_the_same_package(write: Write, item: dict[str, Any]) -> None:
    told = read(write, {"returnCode": "0000", "reports": {"C1MSGS1": "x"}, "data": [item]})
    (package,) = packages(told)
    assert (package.tool, package.package_id, package.description) == (
        "endevor", "CARD2611B", "ACCOUNT RECORD 340",
    )  # fmt: skip
    assert (package.status, package.kind, package.backout_enabled) == ("APPROVED", "STANDARD", True)
    assert package.window_from == datetime(2026, 11, 21, 22, tzinfo=UTC)
    assert package.window_to == datetime(2026, 11, 22, 6, tzinfo=UTC)
    assert package.raw == item
    assert told.problems == told.notices == []


def test_an_unknown_status_is_kept_and_told(write: Write) -> None:
    told = read(write, {"data": [{**NEW, "status": "PONDERING"}]})
    assert packages(told)[0].status == "PONDERING"
    assert "'PONDERING' is no status" in told.notices[0]


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ("", "packages.json:1: The file is empty."),
        ({"returnCode": "0012"}, "data: The answer holds no list of packages."),
        ({"data": ["CARD"]}, "A package is expected here."),
        ({"data": [{"status": "APPROVED"}]}, "pkgId: The package has no id."),
        ({"data": [{**NEW, "commitDate": "yesterday"}]}, "'yesterday' is no date that is read."),
        ("1LJOB,JOB=A", "'{' is expected here, not '1'."),
    ],
)
def test_a_bad_answer_is_told(write: Write, answer: Any, told: str) -> None:
    problems = read(write, answer).problems
    assert any(told in problem for problem in problems), problems
