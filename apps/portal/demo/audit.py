"""What the auditor took, found and asked about before the night of November."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from apps.audit.models import AuditFinding, Population
from apps.audit.services import findings, moved, populations
from apps.portal.demo.stage import DATA, Row, Scene, acting, moment, person, read

AUDITOR = "auditor"
ANSWERS = {"explain": findings.explain_finding, "remediate": findings.remediate_finding,
           "accept": findings.accept_finding, "close": findings.close_finding}  # fmt: skip


def scenes() -> Iterator[Scene]:
    told = read("audit.yaml")
    for row in told["reports"]:
        yield Scene(moment(row["at"]), partial(_compare, row))
    for row in told["populations"]:
        yield Scene(moment(row["at"]), partial(_take, row))
        yield Scene(moment(row["tested"]), partial(_test, row))
        yield Scene(moment(row["raised"]), partial(_raise, row))
    for row in told["answers"]:
        yield Scene(moment(row["at"]), partial(_answer, row))


def _period(row: Row) -> dict[str, object]:
    return {
        "first_on": date.fromisoformat(row["first"]),
        "last_on": date.fromisoformat(row["last"]),
        "zone": "Europe/Amsterdam",
    }


def _compare(row: Row) -> None:
    moved.import_moves(
        actor=acting(AUDITOR),
        values={"file_format": row["format"], "file_name": row["file"],
                "owner": person(row["owner"]), **_period(row)},
        text=(DATA / row["file"]).read_text(encoding="utf-8"),
    )  # fmt: skip


def _take(row: Row) -> None:
    populations.take_population(actor=acting(AUDITOR), values={"name": row["name"], **_period(row)})


def _population(row: Row) -> Population:
    return Population.objects.get(name=row["name"])


def _test(row: Row) -> None:
    populations.run_controls(pk=_population(row).pk, actor=acting(AUDITOR))


def _raise(row: Row) -> None:
    for control in row["controls"]:
        populations.raise_findings(
            pk=_population(row).pk, actor=acting(AUDITOR), control=control,
            due_at=moment(row["due"]), owner=person(row["owner"]).pk, comment=row["says"],
        )  # fmt: skip


def _answer(row: Row) -> None:
    """By the owner, unless the row names who does it."""
    finding = AuditFinding.objects.select_related("owner").get(
        control=row["control"], about_name=row["about"]
    )
    by = row.get("by", finding.owner.username)
    ANSWERS[row["how"]](pk=finding.pk, actor=acting(by), comment=row["says"])
