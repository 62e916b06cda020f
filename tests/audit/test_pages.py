"""The workbench in the console, in the portal and over HTTP, and who sees what of it."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, TestCase
from django.utils import timezone
from rest_framework.test import APIClient

from apps.accounts.models import User
from apps.accounts.selectors import AUTH_AT_KEY
from apps.audit.domain.controls import CONTROL_BY_CODE
from apps.audit.domain.mapping import CLAUSES
from apps.audit.models import AuditFinding, MovedReport, Population
from apps.audit.pictures import WIDTH, pieces_of
from apps.audit.services.mapping import mapping_now
from apps.core import clock
from apps.gates.catalogue import GATE_BY_CODE
from tests.audit.worlds import FIRST, LAST, LATER, controlled, import_csv, open_one, the_auditor
from tests.releases.worlds import OPENS, Night, small_night

REPORT = f"element,version,moved_at\nSTRANGER,01.00,{OPENS:%Y-%m-%d} 23:30\n"


class TestPages(TestCase):
    """A night that is over, tested; a report with a move that nothing authorised."""

    night: Night
    population: Population
    report: MovedReport

    @classmethod
    def setUpTestData(cls) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL ROLE interlock_app")
        cls.night = small_night()
        cls.night.closed()
        cls.report = import_csv(cls.night, f"STRANGER,01.00,{OPENS:%Y-%m-%d %H:%M}", zone="UTC")
        cls.population = controlled()

    def setUp(self) -> None:
        self.enterContext(clock.at(LATER))

    def browser(self, user: User) -> Client:
        client = Client()
        client.force_login(user)
        session = client.session
        session[AUTH_AT_KEY] = timezone.now().isoformat()
        session.save()
        return client

    def html(self, user: User, address: str, status: int = 200) -> str:
        answer = self.browser(user).get(address)
        assert answer.status_code == status, (address, answer.status_code)
        return answer.content.decode()

    def test_the_workbench_leads_to_the_packs_and_tells_the_buckets_in_words(self) -> None:
        html = self.html(the_auditor(), "/audit/")
        assert 'href="/admin/audit/evidencepack/"' in html
        assert "Moved but not authorised</span> <b>1</b>" in html

    def test_every_cell_of_the_mapping_leads_to_a_page_that_answers(self) -> None:
        browser = self.browser(the_auditor())
        shown = mapping_now()
        assert len(shown.clauses) == len(CLAUSES)
        assert all(clause.facts for clause in shown.clauses)
        pages = {fact.page for clause in shown.clauses for fact in clause.facts}
        wrong = [page for page in pages if browser.get(page).status_code != 200]
        assert wrong == []
        html = browser.get("/audit/controls/").content.decode()
        assert "1 of 2 passed" in html
        assert f'href="/admin/audit/population/{self.population.pk}/change/#CT01"' in html

    def test_the_population_shows_its_tests_its_rows_and_a_sample(self) -> None:
        address = f"/admin/audit/population/{self.population.pk}/change/"
        html = self.html(the_auditor(), f"{address}?seed=2611&size=1")
        for told in ("CT04", "There is no test evidence.", self.population.digest, 'id="sample"'):
            assert told in html
        assert html.count("<li><div>1. ") == 1
        assert "field-error" in self.html(the_auditor(), f"{address}?seed=&size=9")

    def test_the_rows_are_downloaded_by_post_alone(self) -> None:
        address = f"/admin/audit/population/{self.population.pk}/export/rows/"
        browser = self.browser(the_auditor())
        assert browser.get(address).status_code == 405
        told: Any = browser.post(address)
        lines = b"".join(told.streaming_content).decode().splitlines()
        assert len(lines) == 1 + self.population.row_count
        assert "STRANGER@MR-26001:2" in lines[2]

    def test_a_report_is_handed_in_on_its_page(self) -> None:
        browser = self.browser(the_auditor())
        sent = {"file_format": "csv", "first_on": FIRST, "last_on": LAST,
                "zone": "Europe/Amsterdam", "owner": self.night.manager.pk}  # fmt: skip
        bad = SimpleUploadedFile("moves.csv", b"element,moved_at\nA,soon\n")
        answer = browser.post("/admin/audit/movedreport/add/", {**sent, "file": bad})
        assert answer.status_code == 400
        assert "Line 2: &#x27;soon&#x27; is no time" in answer.content.decode()
        ebcdic = SimpleUploadedFile("moves.csv", "element,moved_at".encode("cp500"))
        answer = browser.post("/admin/audit/movedreport/add/", {**sent, "file": ebcdic})
        assert "Byte 1 is not UTF-8." in answer.content.decode()
        good = SimpleUploadedFile("moves.csv", REPORT.encode())
        answer = browser.post("/admin/audit/movedreport/add/", {**sent, "file": good})
        assert answer.status_code == 302
        html = browser.get(answer.headers["Location"]).content.decode()
        for told in ("Moved but not authorised: 1", 'id="line-2"', "AF-26002"):
            assert told in html

    def test_who_does_not_audit_sees_nothing_but_what_they_answer_for(self) -> None:
        mine = open_one(self.night.operator)
        html = self.html(self.night.operator, "/audit/")
        assert mine.code in html
        assert "Populations" not in html
        other = AuditFinding.objects.exclude(pk=mine.pk).get()
        assert other.code not in html
        self.html(self.night.operator, f"/admin/audit/auditfinding/{mine.pk}/change/")
        self.html(self.night.operator, f"/admin/audit/auditfinding/{other.pk}/change/", 404)
        self.html(self.night.operator, "/audit/controls/", 403)
        for page in ("population", "movedreport"):
            self.html(self.night.operator, f"/admin/audit/{page}/", 403)

    def test_the_workbench_tells_of_all_three(self) -> None:
        html = self.html(the_auditor(), "/audit/")
        for told in (self.population.code, self.report.code, "AF-26001", "Take a population"):
            assert told in html
        assert "Take a population" not in self.html(self.night.bank.manager, "/audit/")

    def test_over_http_rows_results_and_samples_are_told_to_readers_alone(self) -> None:
        auditor, other = APIClient(), APIClient()
        auditor.force_login(the_auditor())
        other.force_login(self.night.operator)
        address = f"/api/v1/populations/{self.population.pk}/"
        assert [row["kind"] for row in auditor.get(f"{address}rows/").json()["results"]] == [
            "change", "moved",
        ]  # fmt: skip
        results = {row["control"]: row for row in auditor.get(f"{address}results/").json()}
        assert results.keys() == CONTROL_BY_CODE.keys()
        assert results["CT01"]["exceptions"][0]["reasons"][0]["page"].endswith("#line-2")
        drawn = auditor.get(f"{address}sample/?seed=2611&size=1").json()
        assert len(drawn["rows"]) == 1
        assert auditor.get(f"{address}sample/?seed=2611&size=none").status_code == 400
        lines = f"/api/v1/moved-reports/{self.report.pk}/lines/"
        assert [row["line"] for row in
                auditor.get(f"{lines}?bucket=unauthorised").json()["results"]] == [2]  # fmt: skip
        assert auditor.get("/api/v1/control-mapping/").status_code == 200
        for hidden in (address, f"{address}rows/", f"{address}history/", lines):
            assert other.get(hidden).status_code == 404
        assert other.get("/api/v1/control-mapping/").status_code == 403
        assert other.get("/api/v1/populations/").json()["results"] == []


def test_every_backing_of_the_mapping_is_there() -> None:
    for clause in CLAUSES:
        for fact in clause.facts:
            known = {"control": CONTROL_BY_CODE, "gate": GATE_BY_CODE}.get(fact.kind)
            assert known is None or fact.ref in known, (clause.clause, fact.ref)


def test_the_bar_shows_every_bucket_that_is_not_empty() -> None:
    pieces = pieces_of({"as_authorised": 997, "not_moved": 0, "otherwise": 2, "unauthorised": 1})
    assert [piece.width > 0 for piece in pieces] == [True, False, True, True]
    assert sum(piece.width for piece in pieces) == WIDTH
    assert all(piece.width == 0 for piece in pieces_of({}))
