"""Headers that Django does not set itself, the request's id among them, and the zone in which
people read and type times."""

from __future__ import annotations

from collections.abc import Callable
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from apps.console.http import only_a_form
from apps.core.http import request_id

_NOTHING_OF_THE_DEVICE = ", ".join(
    f"{feature}=()"
    for feature in ("camera", "geolocation", "microphone", "payment", "usb", "browsing-topics")
)


class ConsoleMiddleware:
    """Pages are never stored by a browser; times are those of the site, the interface's are UTC."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.zone = ZoneInfo(settings.INTERLOCK_ZONE)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):
            response = self.get_response(request)
        else:
            if "%00" in request.META.get("QUERY_STRING", ""):
                raise SuspiciousOperation("A NUL in a question: no column holds one.")
            with timezone.override(self.zone):
                response = self.get_response(request)
                if response.status_code == 405 and request.method == "GET":
                    allow = response["Allow"]
                    response = only_a_form(request)
                    response["Allow"] = allow
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("Permissions-Policy", _NOTHING_OF_THE_DEVICE)
        response.headers["X-Request-ID"] = request_id()
        return response
