"""A small z/OSMF for the demo: it answers for scripted jobs, with the documents of the real one.

    python -m apps.integrations.adapters.zosmf.simulator 8443

Every job waits, runs and ends on its own clock, which begins when it is asked for first. It
listens on this machine only, and knows GET alone.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

HOST = "127.0.0.1"
PREFIX = "/zosmf/restjobs/jobs/"


@dataclass(frozen=True, slots=True)
class Script:
    """How a job goes: seconds in the queue, seconds of running, and how it ends."""

    waits: float = 20
    runs: float = 60
    retcode: str = "CC 0000"


#: Job name → how it goes; another name is unknown. CONVACCT runs in the demo's night.
SCRIPTS: Mapping[str, Script] = {
    "CONVACCT": Script(waits=0, runs=600),
    "READACCT": Script(runs=60, retcode="CC 0004"),
    "INTCALC": Script(runs=90),
    "CLOSEFIL": Script(waits=5, runs=10),
    "OPENFIL": Script(waits=5, runs=10),
    "TRANREPT": Script(runs=45, retcode="ABEND S0C7"),
    "DISCGRP": Script(runs=10, retcode="JCL ERROR"),
}


@dataclass
class Jobs:
    """The jobs that were asked for. `tell_time` gives seconds."""

    scripts: Mapping[str, Script] = field(default_factory=lambda: SCRIPTS)
    tell_time: Callable[[], float] = time.monotonic
    _since: dict[tuple[str, str], float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def document(self, name: str, job_id: str) -> dict[str, Any] | None:
        """The job as z/OSMF tells it; None for one that it does not know."""
        script = self.scripts.get(name)
        if script is None:
            return None
        with self._lock:
            since = self._since.setdefault((name, job_id), self.tell_time())
        passed = self.tell_time() - since
        status, phase, words = _phase(script, passed)
        ended = status == "OUTPUT"
        return {
            "jobid": job_id,
            "jobname": name,
            "owner": "CARDREL",
            "type": "JOB",
            "class": "A",
            "subsystem": "JES2",
            "status": status,
            "retcode": script.retcode if ended else None,
            "phase": phase,
            "phase-name": words,
            "job-correlator": f"J{job_id[-7:]:0>7}PLEXP1..E00F8F66.......:",
            **({} if status == "INPUT" else {"exec-system": "PRDA"}),
        }


def _phase(script: Script, passed: float) -> tuple[str, int, str]:
    if passed < script.waits:
        return "INPUT", 128, "Job is queued for execution"
    if passed < script.waits + script.runs:
        return "ACTIVE", 14, "Job is actively executing"
    return "OUTPUT", 20, "Job is on the hard copy queue"


def server(jobs: Jobs, port: int = 0) -> ThreadingHTTPServer:
    """A server that is bound, not yet serving; of port 0 the system chooses one."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            name, _, job_id = path.removeprefix(PREFIX).partition("/")
            if not self.headers.get("X-CSRF-ZOSMF-HEADER"):
                self._answer(HTTPStatus.FORBIDDEN, {"message": "The CSRF header is missing."})
                return
            found = jobs.document(name, job_id) if path.startswith(PREFIX) else None
            if found is None:
                text = f"No job found for reference: '{name}({job_id})'"
                problem = {"category": 6, "rc": 4, "reason": 10, "message": text}
                self._answer(HTTPStatus.BAD_REQUEST, problem)
            else:
                self._answer(HTTPStatus.OK, found)

        def _answer(self, status: HTTPStatus, document: dict[str, Any]) -> None:
            body = json.dumps(document).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Every poll would be a line."""

    return ThreadingHTTPServer((HOST, port), Handler)


def main() -> int:
    with server(Jobs(), int(sys.argv[1])) as serving:
        serving.serve_forever()
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
