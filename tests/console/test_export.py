"""Lists as CSV that no spreadsheet runs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.test import Client

from apps.accounts.models import User
from apps.core.csv_safe import csv_lines, safe_cell
from tests.factories import make_team, make_user


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        ("+49 30", "'+49 30"),
        ("-11", "'-11"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("\t=1", "'\t=1"),
        ("\r=1", "'\r=1"),
        ("\n=1", "'\n=1"),
        ("\0=1", "'\0=1"),
        ("  =1", "'  =1"),
        ("a=1", "a=1"),
        ("", ""),
        (None, ""),
        (-11, "-11"),
        (Decimal("-1.5"), "-1.5"),
        (True, "yes"),
        (datetime(2026, 11, 22, 0, 40, tzinfo=UTC), "2026-11-22T00:40:00Z"),
    ],
)
def test_a_cell_is_never_a_formula(value: object, cell: str) -> None:
    assert safe_cell(value) == cell


def test_lines_are_quoted_as_the_standard_says() -> None:
    text = "".join(csv_lines(["a", "b"], [["x,y", 'say "no"'], ["=1", "two\nlines"]]))

    assert text == '\ufeffa,b\r\n"x,y","say ""no"""\r\n\'=1,"two\nlines"\r\n'


@pytest.mark.django_db
def test_a_list_exports_what_its_filters_leave(
    browser: Callable[..., Client], reader: User
) -> None:
    make_team("IMS", kind="operations")
    make_team("DBA")
    client = browser(reader)

    response = client.post("/admin/accounts/team/export/?kind__exact=operations")
    lines = response.getvalue().decode().splitlines()

    assert response["Content-Type"].startswith("text/csv")
    assert "attachment" in response["Content-Disposition"]
    assert "code" in lines[0]
    assert "evidence_head" not in lines[0]
    assert len(lines) == 2
    assert "IMS" in lines[1]
    assert client.get("/admin/accounts/team/export/").status_code == 405
    assert client.post("/admin/accounts/team/export/?nonsense=1").status_code == 400


@pytest.mark.django_db
def test_the_ledger_is_exported_by_its_readers_only(browser: Callable[..., Client]) -> None:
    auditor, viewer = make_user("audrey", "auditor"), make_user("victor", "viewer")
    url = "/admin/evidence/evidenceentry/"

    assert browser(viewer).post(f"{url}export/").status_code == 403
    assert browser(viewer).get(url).status_code == 403
    assert browser(auditor).post(f"{url}export/").status_code == 200
    assert browser(auditor).get(url).status_code == 200


@pytest.mark.django_db
def test_a_password_never_leaves(browser: Callable[..., Client], keeper: User) -> None:
    body = browser(keeper).post("/admin/accounts/user/export/").getvalue().decode()

    assert "password" not in body
    assert keeper.password not in body
