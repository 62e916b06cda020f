"""Calendars that people read elsewhere: the file behind a secret address, and whose they are.

The windows of a series are single events, each with a UID of its own that never changes and a
SEQUENCE that rises with each version of the window. They are no recurring event, because each of
them is moved, filled and cancelled by itself, and its cut-off moves with that night's batch.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from apps.accounts.models import Team
from apps.console.forms import show_at_fields
from apps.console.hooks import actor_of
from apps.console.site import site
from apps.core import clock
from apps.core.errors import Refused
from apps.releases.domain.planner.plan import NEVER, Unplannable
from apps.releases.services.window_plan import plan_window
from apps.windows.domain import lifecycle as life
from apps.windows.domain.calendar import FREEZES, Span
from apps.windows.domain.ical import FreezeEntry, WindowEntry, freeze_days
from apps.windows.domain.ical import calendar_file as as_file
from apps.windows.models import CalendarFeed, CalendarRule, ReleaseWindow
from apps.windows.selectors import address_of, feed_at, feeds_of, spans_between, windows_with_people
from apps.windows.services.feeds import create_feed

#: What a calendar holds around now.
BACK, AHEAD = timedelta(days=60), timedelta(days=400)
MOST_WINDOWS = 500
#: A plan takes a while: it is asked for of a window that opens so soon.
PLAN_AHEAD = timedelta(days=7)

NoReturn = Callable[[ReleaseWindow], datetime | None]


def planned_no_return(window: ReleaseWindow) -> datetime | None:
    """The point of no return that the planner tells; None where nothing can be planned."""
    near = window.opens_at <= clock.now() + PLAN_AHEAD
    if window.state not in (life.LOCKED, life.IN_PROGRESS) or not near:
        return None
    try:
        minutes = plan_window(window).no_return
    except Unplannable:
        return None
    return None if minutes == NEVER else window.opens_at + timedelta(minutes=minutes)


#: Who tells the point of no return of a window to calendars.
NO_RETURN: NoReturn = planned_no_return


def windows_of(feed: CalendarFeed) -> QuerySet[ReleaseWindow]:
    """The windows of a feed, cancelled ones among them so that they go away where they were."""
    found = windows_with_people()
    if feed.kind == CalendarFeed.Kind.WINDOW:
        return found.filter(feeds=feed)
    now = clock.now()
    near = found.filter(closes_at__gt=now - BACK, opens_at__lt=now + AHEAD)
    if feed.kind == CalendarFeed.Kind.TEAM:
        mine = Q(packages__activities__team=feed.team_id) | Q(activities__team=feed.team_id)
    else:
        who = feed.owner_id
        mine = Q(release_manager=who) | Q(coordinator=who)
        for step in ("packages__activities__", "activities__"):
            mine |= Q(**{f"{step}owner": who}) | Q(**{f"{step}deputy": who})
        mine |= Q(packages__coordinator=who)
    keys = near.filter(mine).values("pk")
    return found.filter(pk__in=keys).order_by("opens_at", "code")[:MOST_WINDOWS]


@require_safe
def calendar_file(request: HttpRequest, secret: str) -> HttpResponse:
    """The calendar of a secret address, for a program that nobody is signed in to. What it tells
    everybody who is signed in may read; of the reasons that people wrote it tells none."""
    feed = feed_at(secret)
    if feed is None:
        raise Http404
    windows = list(windows_of(feed))
    raw = as_file(str(feed), map(_entry, windows), _freezes(feed, windows))
    return HttpResponse(
        raw, content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": 'inline; filename="interlock.ics"',
                 "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"},
    )  # fmt: skip


def _entry(window: ReleaseWindow) -> WindowEntry:
    limit = window.tightest_cutoff
    page = reverse("admin:windows_releasewindow_change", args=[window.pk])
    return WindowEntry(
        key=str(window.pk),
        version=window.evidence_seq,
        changed_at=window.changed_at,
        code=window.code,
        name=window.name,
        site=window.site.name,
        state=window.state,
        zone=window.zone,
        opens_at=window.opens_at,
        closes_at=window.closes_at,
        cutoff_at=limit.holds_at,
        cutoff=f"{limit.label}{', moved' if limit.expected_at else ''}",
        url=f"{settings.INTERLOCK_URL}{page}",
        no_return_at=NO_RETURN(window),
    )


def _freezes(feed: CalendarFeed, windows: Collection[ReleaseWindow]) -> list[FreezeEntry]:
    """Freezes that stop something; in the calendar of one window those around it."""
    now = clock.now()
    since, until = now - BACK, now + AHEAD
    if feed.kind == CalendarFeed.Kind.WINDOW:
        since = min((w.opens_at for w in windows), default=now) - timedelta(days=31)
        until = since + timedelta(days=62)
    spans = [
        span
        for span in spans_between(since, until)
        if span.rule.kind in FREEZES and span.rule.strength != "advisory"
    ]
    return _as_entries(spans)


def _as_entries(spans: Iterable[Span]) -> list[FreezeEntry]:
    found = list(spans)
    codes = {span.rule.code for span in found}
    known = CalendarRule.objects.filter(code__in=codes).in_bulk(field_name="code") if codes else {}
    entries = []
    for span in found:
        kept = known[span.rule.code]
        first, last = freeze_days(span.starts_at, span.ends_at, span.rule.zone)
        entries.append(
            FreezeEntry(
                span.rule.code, kept.evidence_seq, kept.changed_at, span.rule.name,
                span.rule.strength, first, last,
            )
        )  # fmt: skip
    return entries


class FeedForm(forms.Form):
    """What a person subscribes to."""

    kind = forms.ChoiceField(label="Of", choices=CalendarFeed.Kind.choices)
    team = forms.ModelChoiceField(
        Team.objects.order_by("code"), required=False, help_text="For the windows of a team."
    )
    window = forms.ModelChoiceField(
        ReleaseWindow.objects.exclude(state__in=[life.CLOSED, life.CANCELLED]).order_by("opens_at"),
        required=False,
        help_text="For one window.",
    )
    name = forms.CharField(label="Where it is read", max_length=60, help_text="Such as “my phone”.")

    def values(self) -> dict[str, Any]:
        """The one thing that the chosen kind is of; what else was chosen is told as wrong."""
        return {name: value for name, value in self.cleaned_data.items() if value is not None}


@require_http_methods(["GET", "HEAD", "POST"])
def my_feeds(request: HttpRequest) -> HttpResponse:
    """One's own calendars. The address of a new one is shown on the answer to its form, once."""
    actor = actor_of(request)
    initial = {"kind": request.GET.get("kind", ""), "window": request.GET.get("window", "")}
    form = FeedForm(request.POST if request.method == "POST" else None, initial=initial)
    address, status = "", 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                _feed, secret = create_feed(actor=actor, values=form.values())
            except Refused as refusal:
                status = refusal.status
                for blocker in show_at_fields(form, refusal.blockers):
                    form.add_error(None, f"{blocker.text} {blocker.fix}".strip())
            else:
                address, status = address_of(secret), 200
                form = FeedForm()
    context = {
        **site.each_context(request),
        "title": "My calendars",
        "feeds": list(feeds_of(actor.id)),
        "form": form,
        "address": address,
    }
    return render(request, "portal/my_feeds.html", context, status=status)
