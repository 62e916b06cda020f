"""Populations, control tests, findings and reports of what moved, through their doors."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

from django.db import connection
from django.test import TestCase
from django.test.utils import CaptureQueriesContext

from apps.audit.domain.controls import CONTROL_BY_CODE
from apps.audit.domain.population import digest_of
from apps.audit.models import AuditFinding, ControlResult, MovedItem, PopulationRow
from apps.audit.selectors.workbench import page_of, rows_between
from apps.audit.services import findings, populations
from apps.audit.services.control_facts import gather
from apps.changes.models import ChangeRequest
from apps.changes.services.requests import close
from apps.core import clock
from apps.core.actor import RoleHeld
from apps.evidence.models import EvidenceEntry
from apps.evidence.services.door import door
from apps.inventory.services.versions import install_version
from apps.releases.models import ReleasePackage
from tests.audit.worlds import LATER, controlled, import_csv, open_one, take, the_auditor
from tests.factories import actor, make_user
from tests.inventory.factories import make_environment
from tests.releases.worlds import OPENS, Night, small_night
from tests.support import refused, refused_by_database

AMS = "%Y-%m-%d %H:%M"
ANSWERS = (findings.explain_finding, findings.remediate_finding)


def later() -> AbstractContextManager[None]:
    return clock.at(LATER)


class TestWorkbench(TestCase):
    """After one small night that went by the book and is closed."""

    night: Night
    package: ReleasePackage

    @classmethod
    def setUpTestData(cls) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE interlock_app")
        cls.night = small_night()
        cls.package = cls.night.closed()

    def close_the_change(self) -> ChangeRequest:
        with later():
            return close(
                pk=ChangeRequest.objects.get().pk, actor=actor(self.night.bank.manager),
                comment="It went well.",
            )  # fmt: skip

    def test_a_population_keeps_its_rows_their_digest_and_the_question(self) -> None:
        change = self.package.members.get().change
        population = take()
        (row,) = population.rows.all()
        assert (row.code, row.kind, row.version, row.at) == (
            change.code, "change", change.evidence_seq, OPENS + timedelta(minutes=5),
        )  # fmt: skip
        assert row.head == bytes(change.evidence_head).hex()
        assert (population.row_count, population.digest) == (1, digest_of([row.as_row()]))
        assert population.code.startswith("POP-26")
        assert "implementation began" in population.query
        assert population.parameters["zone"] == "Europe/Amsterdam"

    def test_asked_again_it_says_whether_the_answer_is_the_same(self) -> None:
        population = take()
        with later():
            again = populations.ask_again(pk=population.pk, actor=actor(the_auditor()))
            assert again.is_same is True
            change = self.close_the_change()
            again = populations.ask_again(pk=population.pk, actor=actor(the_auditor()))
        assert again.is_same is False
        assert again.difference["changed"] == [change.code]
        assert PopulationRow.objects.get().version == change.evidence_seq - 1, "as it was kept"

    def test_an_empty_period_is_a_population_too(self) -> None:
        population = controlled(take(first_on=LATER.date(), last_on=LATER.date()))
        assert (population.row_count, population.exception_count) == (0, 0)
        with later(), refused("no_exceptions"):
            populations.raise_findings(pk=population.pk, actor=actor(the_auditor()), due_at=LATER)

    def test_a_period_that_ends_before_it_begins_is_refused_at_its_field(self) -> None:
        with refused("invalid") as caught:
            take(first_on=LATER.date(), last_on=OPENS.date())
        assert caught.value.blockers[0].field == "last_on"  # type: ignore[attr-defined]

    def test_a_period_of_no_year_or_still_to_come_is_refused_with_its_field(self) -> None:
        day = timedelta(days=1)
        for values, field, says in (
            ({"first_on": date(1, 1, 1)}, "first_on", "Nothing of a release happens in the year"),
            ({"last_on": date.max}, "last_on", "Nothing of a release happens in the year"),
            ({"first_on": LATER.date() + 3 * day, "last_on": LATER.date() + 9 * day}, "first_on",
             "still to come"),
        ):  # fmt: skip
            with refused() as caught:
                take(**values)
            found = [b for b in caught.value.blockers if b.field == field]  # type: ignore[attr-defined]
            assert says in found[0].text and found[0].fix

    def test_only_an_auditor_takes_a_population(self) -> None:
        for person in (self.night.manager, self.night.bank.manager, make_user("other", "viewer")):
            with later(), refused("role_missing"):
                populations.take_population(actor=actor(person), values={})

    def test_who_also_writes_is_no_auditor(self) -> None:
        both = replace(
            actor(the_auditor()), roles=frozenset({RoleHeld("auditor"), RoleHeld("implementer")})
        )
        with later(), refused("duties_combined"):
            populations.take_population(actor=both, values={})

    def test_a_night_by_the_book_has_the_exceptions_that_it_has(self) -> None:
        """The small night attaches no test; everything else of it was as it should be."""
        self.close_the_change()
        population = controlled()
        results = {row.control: row for row in population.results.all()}
        assert results.keys() == CONTROL_BY_CODE.keys()
        told = {code: [each["reasons"][0]["reason"] for each in row.exceptions]
                for code, row in results.items() if row.exceptions}  # fmt: skip
        assert told == {"CT04": ["There is no test evidence."]}
        assert results["CT02"].passed == results["CT02"].tested == 1
        assert results["CT05"].tested == results["CT07"].passed == 1
        assert len(population.facts_digest) == 64

    def test_the_facts_cost_the_same_however_many_rows(self) -> None:
        rows = rows_between(OPENS - timedelta(days=1), LATER)
        with later(), CaptureQueriesContext(connection) as few:
            gather(rows)
        with later(), CaptureQueriesContext(connection) as many:
            gather([*rows, *rows])
        assert len(few) == len(many) <= 26

    def test_a_second_run_is_kept_beside_the_first(self) -> None:
        population = controlled(controlled())
        assert population.run == 2
        assert ControlResult.objects.filter(population=population, control="CT02").count() == 2

    def test_kept_rows_and_results_are_never_changed(self) -> None:
        controlled()
        for rows in (PopulationRow.objects.all(), ControlResult.objects.all()):
            with refused_by_database("permission denied"):
                rows.delete()

    def test_a_seed_draws_the_same_sample_each_time(self) -> None:
        population = take()
        assert [row.code for row in populations.drawn(population, "2611", 5)] == [
            ChangeRequest.objects.get().code
        ]
        with refused("required"):
            populations.drawn(population, "", 5)

    def test_exporting_the_rows_is_evidence(self) -> None:
        population = take()
        with later():
            populations.export_rows(pk=population.pk, actor=actor(the_auditor()))
        entry = EvidenceEntry.objects.get(action="population.exported")
        assert entry.about == population.subject
        (row,) = populations.csv_rows(population)
        assert (len(row), row[1:3]) == (
            len(populations.CSV_HEADER),
            ("change", ChangeRequest.objects.get().code),
        )
        with later(), refused("role_missing"):
            populations.export_rows(pk=population.pk, actor=actor(self.night.manager))

    def test_each_exception_becomes_a_finding_of_the_owner_of_its_change_once(self) -> None:
        population = controlled()
        due = LATER + timedelta(days=7)
        for _ in range(2):
            with later():
                populations.raise_findings(pk=population.pk, actor=actor(the_auditor()), due_at=due)
        finding = AuditFinding.objects.get()
        change = ChangeRequest.objects.get()
        assert (finding.control, finding.about, finding.owner) == (
            "CT04",
            change.subject,
            change.owner,
        )
        assert (finding.code, finding.state, finding.due_at) == ("AF-26001", "open", due)
        assert finding.what == "There is no test evidence."

    def test_an_answered_finding_is_closed_by_an_auditor(self) -> None:
        owner, manager = actor(self.night.operator), actor(self.night.bank.manager)
        for answer in (*ANSWERS, findings.accept_finding):
            pk = open_one(self.night.operator).pk
            with later():
                with refused("wrong_state"):
                    findings.close_finding(pk=pk, actor=actor(the_auditor()))
                if answer is findings.accept_finding:
                    answer(pk=pk, actor=manager, comment="We live with it.")
                else:
                    with refused("not_the_owner"):
                        answer(pk=pk, actor=manager, comment="Because.")
                    answer(pk=pk, actor=owner, comment="Because.")
                with refused("role_missing"):
                    findings.close_finding(pk=pk, actor=actor(self.night.manager))
                closed = findings.close_finding(pk=pk, actor=actor(the_auditor()))
            assert (closed.state, closed.closed_by) == ("closed", the_auditor())
            assert closed.answered_by is not None

    def test_who_owns_a_finding_neither_closes_it_nor_accepts_its_risk(self) -> None:
        other = make_user("second", "auditor")
        with refused("own_finding"):
            open_one(the_auditor())
        finding = open_one(other)
        with later():
            findings.explain_finding(pk=finding.pk, actor=actor(other), comment="Because.")
            with refused("own_finding"):
                findings.close_finding(pk=finding.pk, actor=actor(other))
        risky = open_one(self.night.manager)
        with later(), refused("own_risk"):
            findings.accept_finding(pk=risky.pk, actor=actor(self.night.manager), comment="We can.")

    def test_an_answer_that_is_not_enough_opens_it_again(self) -> None:
        finding = open_one(self.night.operator)
        with later():
            findings.explain_finding(
                pk=finding.pk, actor=actor(self.night.operator), comment="Because."
            )
            with refused("required"):
                findings.reopen_finding(pk=finding.pk, actor=actor(the_auditor()))
            again = findings.reopen_finding(
                pk=finding.pk, actor=actor(the_auditor()), comment="Which one?"
            )
        assert (again.state, again.answer, again.answered_by) == ("open", "", None)

    def test_an_auditor_names_another_owner_and_nobody_else_does(self) -> None:
        finding = open_one(self.night.operator)
        edit: dict[str, Any] = {"pk": finding.pk, "values": {"owner": self.night.validator}}
        with later():
            with refused("role_missing"):
                findings.edit_finding(actor=actor(self.night.operator), **edit)
            assert (
                findings.edit_finding(actor=actor(the_auditor()), **edit).owner
                == self.night.validator
            )

    def test_what_moved_falls_into_four_buckets_and_the_unauthorised_opens_a_finding(self) -> None:
        change = self.package.members.get().change
        line = change.assets.get()
        inside = f"{OPENS + timedelta(minutes=20):{AMS}}"
        report = import_csv(
            self.night, f"{line.asset.name},,{inside}", f"{line.asset.name},99.99,{inside}",
            f"STRANGER,01.00,{inside}", zone="UTC",
        )  # fmt: skip
        buckets = [(item.bucket, item.line) for item in report.items.all()]
        assert buckets == [("as_authorised", 2), ("otherwise", 3), ("unauthorised", 4)]
        assert report.counts == {
            "as_authorised": 1,
            "not_moved": 0,
            "otherwise": 1,
            "unauthorised": 1,
        }
        first = report.items.first()
        assert first is not None
        assert (first.change, first.package) == (change, self.package)
        finding = AuditFinding.objects.get()
        assert (finding.control, finding.owner, finding.report) == (
            "MOVED",
            self.night.manager,
            report,
        )
        assert finding.about == f"{report.subject}#line-4"
        assert page_of(finding.fact).endswith(f"{report.pk}/change/#line-4")

    def test_an_unauthorised_move_is_in_the_population_and_no_control_lets_it_pass(self) -> None:
        import_csv(self.night, f"STRANGER,01.00,{OPENS:{AMS}}", zone="UTC")
        population = controlled()
        assert sorted(population.rows.values_list("kind", flat=True)) == ["change", "moved"]
        result = population.results.get(control="CT01")
        assert (result.tested, result.passed) == (2, 1)

    def test_a_version_that_no_package_installed_is_in_it_and_explained_by_nobody(self) -> None:
        keeper = actor(make_user("library.keeper", "site_admin"))
        production = make_environment("PRD2", by=keeper)
        asset = self.package.members.get().change.assets.get().asset
        for days, level in ((1, "01.00"), (2, "01.01")):
            with clock.at(OPENS + timedelta(days=days)):
                door("asset")(install_version)(
                    asset_id=asset.pk, actor=keeper, environment=production, level=level
                )
        population = controlled()
        row = population.rows.get(kind="version")
        assert (row.code, row.version, len(row.head)) == (f"{asset.name}@01.01", 0, 64)
        (told,) = population.results.get(control="CT01").exceptions
        assert told["subject"] == f"asset_version:{row.key}"
        assert page_of(told["subject"]) == f"/admin/inventory/assetversion/{row.key}/change/"
        only = take(application=self.night.bank.application)
        assert "belong to no application" in only.query

    def test_what_was_authorised_and_did_not_move_is_told(self) -> None:
        report = import_csv(self.night, f"STRANGER,01.00,{OPENS:{AMS}}")
        item = report.items.get(bucket="not_moved")
        assert "closed" in item.reasons[0]
        assert item.line == 0

    def test_a_report_is_read_whole_or_not_at_all(self) -> None:
        with refused("line") as caught:
            import_csv(self.night, "A,1,soon", f"B,1,{OPENS:{AMS}}", "C,1")
        told = [blocker.text for blocker in caught.value.blockers]  # type: ignore[attr-defined]
        assert [text.partition(":")[0] for text in told] == ["Line 2", "Line 4"]
        assert not MovedItem.objects.exists()

    def test_a_move_outside_the_period_and_a_file_known_already_are_refused(self) -> None:
        with refused("line"):
            import_csv(self.night, "A,1,2020-01-01 10:00")
        import_csv(self.night, f"A,1,{OPENS:{AMS}}")
        with refused("duplicate"):
            import_csv(self.night, f"A,1,{OPENS:{AMS}}")

    def test_a_fact_without_a_page_has_no_link(self) -> None:
        assert page_of("refusal:0") == page_of("") == page_of("change:nothing") == ""
        assert page_of("number:CHG0382") == "/admin/changes/changerequest/?q=CHG038"
