"""Asking z/OSMF over a real socket: what it answers, and every way in which it does not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from apps.integrations.adapters.zosmf import Access, Client, Trouble, UnknownJob
from apps.integrations.adapters.zosmf.simulator import Jobs, Script
from apps.integrations.domain.jobs import read_job
from tests.integrations.zosmf import CA_FILE, Server, recorded, serving


@pytest.fixture
def zosmf() -> Iterator[Server]:
    with serving() as server:
        yield server


def ask(server: Server, **access: object) -> object:
    wanted = {"url": server.url, "timeout_seconds": 0.5, **access}
    return Client(Access(**wanted)).lookup("READACCT", "JOB02020")  # type: ignore[arg-type]


def test_a_job_is_asked_for_by_name_and_id_and_nothing_is_ever_submitted(zosmf: Server) -> None:
    zosmf.answer = (200, recorded("ended"))
    seen = ask(zosmf, user="ILKSRV", password="secret")
    assert (seen.status, seen.retcode, seen.system) == ("OUTPUT", "CC 0000", "PRDA")  # type: ignore[attr-defined]
    ((method, path, headers),) = zosmf.asked
    assert (method, path) == ("GET", "/zosmf/restjobs/jobs/READACCT/JOB02020?exec-data=Y")
    assert headers["X-CSRF-ZOSMF-HEADER"]
    assert headers["Authorization"] == "Basic SUxLU1JWOnNlY3JldA=="


@pytest.mark.parametrize(
    ("status", "name"), [(400, "no_job_name"), (400, "no_job_id"), (500, "no_job_id")]
)
def test_a_job_that_the_system_does_not_know(zosmf: Server, status: int, name: str) -> None:
    zosmf.answer = (status, recorded(name))
    with pytest.raises(UnknownJob, match="knows no job READACCT JOB02020"):
        ask(zosmf)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ((401, b""), "refuses the service id"),
        ((500, recorded("not_ready")), "answered 500: The z/OSMF jobs service is not available"),
        ((503, b"<html>down</html>"), "answered 503"),
        ((302, b""), "answered 302"),
        ((200, recorded("ended")[:120]), "cut or no JSON"),
        ((200, b"[]"), "no job document"),
        ((200, recorded("ended").replace(b"READACCT", b"OTHERJOB")), "answered for OTHERJOB"),
        ((200, b" " * 600_000), "too long"),
        (None, "did not answer within 0.5 seconds"),
    ],
)
def test_every_other_answer_is_trouble_in_words(
    zosmf: Server, answer: tuple[int, bytes] | None, told: str
) -> None:
    zosmf.answer = answer
    with pytest.raises(Trouble, match=told):
        ask(zosmf)


def test_a_system_that_is_not_there(zosmf: Server) -> None:
    with pytest.raises(Trouble, match="cannot be reached"):
        ask(zosmf, url="http://127.0.0.1:9")


def test_a_certificate_counts_only_when_it_is_trusted() -> None:
    with serving(tls=True) as zosmf:
        zosmf.answer = (200, recorded("ended"))
        with pytest.raises(Trouble, match=r"certificate of localhost.* is not trusted"):
            ask(zosmf)
        assert zosmf.asked == []
        assert ask(zosmf, ca_file=str(CA_FILE))
        with pytest.raises(Trouble, match="CA_FILE cannot be read"):
            ask(zosmf, ca_file=str(CA_FILE) + ".gone")


def test_the_service_id_never_crosses_a_network_in_the_clear() -> None:
    with pytest.raises(Trouble, match="without TLS"):
        Client(Access("http://zosmf.example:443")).lookup("READACCT", "JOB02020")


def test_the_simulator_tells_a_job_as_the_real_one_does() -> None:
    now = [0.0]
    jobs = Jobs({"READACCT": Script(10, 20, "CC 0004")}, lambda: now[0])
    told = []
    for moment in (0, 10, 29.9, 30, 500):
        now[0] = moment
        seen = read_job(jobs.document("READACCT", "JOB02020"))
        told.append((seen.status, seen.retcode))
    assert told == [("INPUT", ""), ("ACTIVE", ""), ("ACTIVE", ""), ("OUTPUT", "CC 0004"),
                    ("OUTPUT", "CC 0004")]  # fmt: skip
    assert jobs.document("NOBODY", "JOB02020") is None
