"""The plan templates of the bank: written by the coordinator, reviewed by the release manager."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any

from apps.accounts.models import Team
from apps.portal.demo.stage import Row, Scene, acting, moment, read
from apps.releases.models import ActivityType, PlanTemplate
from apps.releases.services import plan_templates

WRITER, REVIEWER = "coordinator", "release.manager"


def scenes() -> Iterator[Scene]:
    for code, row in read("templates.yaml").items():
        yield Scene(moment(row["written"]), partial(_write, code, row))
        for name, service in (
            ("reviewed", plan_templates.review_template),
            ("active", plan_templates.activate_template),
        ):
            if name in row:
                yield Scene(moment(row[name]), partial(_move, code, service))


def _write(code: str, row: Row) -> None:
    plan_templates.write_template(
        actor=acting(WRITER),
        values={"code": code, "name": row["name"], "purpose": row["purpose"]},
        parts={
            "parameters": row["parameters"],
            "steps": [
                {
                    **step,
                    "type": ActivityType.objects.get(code=step["type"]),
                    "team": Team.objects.get(code=step["team"]),
                }
                for step in row["steps"]
            ],
        },
    )


def _move(code: str, service: Any) -> None:
    found = PlanTemplate.objects.get(code=code)
    service(pk=found.pk, actor=acting(REVIEWER), expected_seq=found.evidence_seq)
