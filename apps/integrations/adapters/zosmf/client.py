"""Ask z/OSMF for a job. It reads only: no other method than GET is ever sent.

A connection of the standard library: it follows no redirect, so that the service id never goes
to another host, and it takes no proxy from the environment.
"""

from __future__ import annotations

import base64
import http.client
import json
import ssl
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

from apps.integrations.domain.jobs import JobSeen, NotAJob, read_job

#: z/OSMF takes requests with this header only, against forged ones of browsers; any value does.
CSRF_HEADER = "X-CSRF-ZOSMF-HEADER"
#: A job document has a few thousand bytes; its step data some hundred more each step.
MOST_BYTES = 512 * 1024
LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: (category, reason) of the refusal of z/OSMF that means: there is no such job.
_NO_JOB = ((6, 10), (8, 8))


class Trouble(Exception):
    """The system cannot be asked; the text is for people, and tells what to look at."""


class UnknownJob(Exception):
    """The system answers, and knows no such job."""


@dataclass(frozen=True, slots=True)
class Access:
    """Where the system is and who asks. `url` is https://host:port; without TLS only on this
    machine. `ca_file` is a PEM file of whom to trust, "" for those of the operating system."""

    url: str
    user: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    timeout_seconds: float = 10.0

    def problem(self) -> str:
        """Why it cannot be used as it is set; "" when it can."""
        parts = urlsplit(self.url)
        if not parts.hostname or parts.scheme not in ("https", "http"):
            return "INTERLOCK_ZOSMF_URL is no address: set it to https://host:port."
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            return "INTERLOCK_ZOSMF_URL is without TLS: set it to https://host:port."
        return ""


class Client:
    """`lookup` asks for one job. Not for several threads."""

    def __init__(self, access: Access) -> None:
        self._access = access

    def lookup(self, name: str, job_id: str) -> JobSeen:
        """Raises UnknownJob, or Trouble where the system gives no usable answer."""
        path = f"/zosmf/restjobs/jobs/{quote(name, safe='')}/{quote(job_id, safe='')}"
        status, body = self._get(f"{path}?exec-data=Y")
        if status != 200:
            _refused(status, body, name, job_id)
        try:
            seen = read_job(json.loads(body))
        except NotAJob as error:
            raise Trouble(f"z/OSMF answered for {name} {job_id}, but: {error}") from error
        except ValueError as error:
            raise Trouble(f"The answer for {name} {job_id} is cut or no JSON.") from error
        if (seen.name, seen.job_id) != (name, job_id):
            raise Trouble(f"z/OSMF answered for {seen.name} {seen.job_id}, not {name} {job_id}.")
        return seen

    def _get(self, path: str) -> tuple[int, bytes]:
        access = self._access
        if access.problem():
            raise Trouble(access.problem())
        host = urlsplit(access.url).netloc.rpartition("@")[2]
        until = time.monotonic() + access.timeout_seconds
        try:
            with closing(self._connection()) as connection:
                connection.request("GET", path, headers=self._headers())
                answer = connection.getresponse()
                return answer.status, _read(answer, until)
        except TimeoutError as error:
            text = f"{host} did not answer within {access.timeout_seconds:g} seconds."
            raise Trouble(text) from error
        except ssl.SSLCertVerificationError as error:
            text = f"The certificate of {host} is not trusted: {error.verify_message}."
            raise Trouble(f"{text} Look at INTERLOCK_ZOSMF_CA_FILE.") from error
        except (OSError, http.client.HTTPException) as error:
            text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise Trouble(f"{host} cannot be reached: {text or type(error).__name__}.") from error

    def _connection(self) -> http.client.HTTPConnection:
        access, parts = self._access, urlsplit(self._access.url)
        host, seconds = parts.hostname or "", access.timeout_seconds
        if parts.scheme == "http":
            return http.client.HTTPConnection(host, parts.port, timeout=seconds)
        try:
            trusted = ssl.create_default_context(cafile=access.ca_file or None)
        except OSError as error:
            raise Trouble("INTERLOCK_ZOSMF_CA_FILE cannot be read as certificates.") from error
        return http.client.HTTPSConnection(host, parts.port, timeout=seconds, context=trusted)

    def _headers(self) -> dict[str, str]:
        headers = {CSRF_HEADER: "interlock", "Accept": "application/json"}
        if self._access.user:
            pair = f"{self._access.user}:{self._access.password}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(pair).decode()}"
        return headers


def _read(answer: http.client.HTTPResponse, until: float) -> bytes:
    """The body, within the time and the size that a job document takes."""
    found = b""
    while block := answer.read1(65536):
        found += block
        if len(found) > MOST_BYTES:
            raise http.client.HTTPException("the answer is too long")
        if time.monotonic() > until:
            raise TimeoutError
    return found


def _refused(status: int, body: bytes, name: str, job_id: str) -> None:
    """Always raises: what an answer other than 200 means."""
    if status in (401, 403):
        raise Trouble(f"z/OSMF refuses the service id ({status}): look at its password and rights.")
    told = _document(body)
    if status == 404 or (status in (400, 500) and _names_no_job(told)):
        raise UnknownJob(f"z/OSMF knows no job {name} {job_id}.")
    said = told.get("message")
    more = f": {said[:200]}" if isinstance(said, str) and said else ""
    raise Trouble(f"z/OSMF answered {status}{more}.")


def _document(body: bytes) -> dict[str, Any]:
    try:
        told = json.loads(body)
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _names_no_job(told: dict[str, Any]) -> bool:
    return (told.get("category"), told.get("reason")) in _NO_JOB
