"""Error pages that tell nothing about the inside."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def _page(request: HttpRequest, status: int, title: str, text: str) -> HttpResponse:
    return render(request, "console/error.html", {"title": title, "text": text}, status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 400, "This request cannot be read",
                 "Nothing was saved. Go back, reload the page and try again.")  # fmt: skip


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 403, "You may not do this",
                 "Nothing was saved. If your work needs it, ask a site administrator for the role."
                 )  # fmt: skip


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _page(request, 404, "There is no such page",
                 "The address may be mistyped, or the record is not one you may see.")  # fmt: skip


def only_a_form(request: HttpRequest) -> HttpResponse:
    """For whoever follows the address of a form, as after signing in again in the midst of one."""
    return _page(request, 405, "What you entered was not sent",
                 "Nothing was saved. Go back to the record, check it and enter it again."
                 )  # fmt: skip


def server_error(request: HttpRequest) -> HttpResponse:
    return _page(request, 500, "Something went wrong on our side",
                 "Nothing was half saved. The fault was recorded; try again in a minute."
                 )  # fmt: skip


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _page(request, 403, "This page was open too long",
                 "Nothing was saved. Go back, reload the page and enter it again.")  # fmt: skip
