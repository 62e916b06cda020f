"""The calendar of Northgate: its holidays, month ends, paydays and the freeze at the year's end."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from apps.portal.demo.register import site
from apps.portal.demo.stage import Row, Scene, acting, moment, read
from apps.windows.services import calendar

MANAGER = "release.manager"


def scenes() -> Iterator[Scene]:
    told = read("calendar.yaml")
    for code, row in told["rules"].items():
        yield Scene(moment(told["entered_at"]), partial(_enter_rule, code, row))


def _enter_rule(code: str, row: Row) -> None:
    calendar.create_rule(actor=acting(MANAGER), values={"code": code, "site": site(), **row})
