"""What a log must not hold."""

from __future__ import annotations

from config.logs import hide_secret_addresses


def test_no_line_tells_the_address_of_a_calendar() -> None:
    event = {"request": "GET /calendars/s3cret.ics?x=1", "event": "request_started", "code": 200}
    assert hide_secret_addresses(None, "info", event) == {
        "request": "GET /calendars/…?x=1", "event": "request_started", "code": 200,
    }  # fmt: skip
