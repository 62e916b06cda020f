"""The page beside the changes where several are approved together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.debug import sensitive_post_parameters

from apps.accounts.selectors import authorities_of
from apps.approvals.domain.eligibility import eligibility
from apps.approvals.models import Approval
from apps.approvals.policies import candidate_of
from apps.approvals.selectors import opened_since_sign_in, slots_about, waiting_for
from apps.changes.models import ChangeRequest
from apps.changes.moves import CHANGE_MOVES
from apps.changes.policies import bulk_blockers, cases_of, open_for_decision_blockers
from apps.changes.selectors import changes_with_people
from apps.changes.services.decisions import approve_among_others
from apps.console.hooks import actor_of
from apps.console.site import site
from apps.console.step_up import StepUpForm, kept_of
from apps.core.errors import Blocker, Refused
from apps.core.moves import find_move
from apps.core.step_up import is_fresh

ROWS_AT_MOST = 50


@dataclass(slots=True)
class Candidacy:
    """One open slot of the person on the page where several are approved together."""

    change: ChangeRequest
    slot: Approval
    blockers: tuple[Blocker, ...]
    is_chosen: bool = False
    is_done: bool = False
    receipt: str = ""
    refused: tuple[Blocker, ...] = field(default=())

    @property
    def name(self) -> str:
        """What the page calls the row."""
        return f"{self.change.pk}/{self.slot.slot}"

    @property
    def reasons(self) -> tuple[Blocker, ...]:
        return self.refused or self.blockers


@sensitive_post_parameters("password")
def approve_together(request: HttpRequest) -> HttpResponse:
    """Own open slots, each with what stands against it; those chosen are signed one by one."""
    rows = candidacies(request)
    if request.method != "POST":
        return _together(request, rows)
    chosen = set(request.POST.getlist("row"))
    for row in rows:
        row.is_chosen = row.name in chosen
    picked = [row for row in rows if row.is_chosen]
    gone = len(chosen) - len(picked)
    if gone:
        messages.warning(request, f"{gone} of what you chose waits for you no more.")
    if not picked:
        messages.warning(request, "Nothing was chosen; nothing was signed.")
        return _together(request, rows, status=400)
    if not is_fresh(actor_of(request)):
        proof = StepUpForm(request, request.POST if "password" in request.POST else None)
        if not proof.is_valid():
            return _ask_who(request, picked, proof)
        proof.renew()
    for row in picked:
        _sign(request, row)
    done = sum(row.is_done for row in picked)
    return _together(request, rows, done=done, refused=len(picked) - done)


def _sign(request: HttpRequest, row: Candidacy) -> None:
    seq = request.POST.get(f"seq/{row.name}", "")
    try:
        done = approve_among_others(
            pk=row.change.pk,
            actor=actor_of(request),
            expected_seq=int(seq) if seq.isascii() and seq.isdigit() and len(seq) < 10 else None,
            comment=request.POST.get("comment", ""),
            slot=row.slot.slot,
            content_digest=request.POST.get(f"digest/{row.name}", ""),
        )
        row.is_done, row.receipt = True, done.receipt.words
    except Refused as refusal:
        row.refused = refusal.blockers


def candidacies(request: HttpRequest) -> list[Candidacy]:
    """A constant number of queries, however many slots wait."""
    actor = actor_of(request)
    waiting = waiting_for(actor)[:ROWS_AT_MOST]
    keys = {UUID(slot.about.partition(":")[2]) for slot in waiting}
    changes = {change.subject: change for change in changes_with_people().filter(pk__in=keys)}
    cases = cases_of(changes.values(), slots_about(changes))
    opened = opened_since_sign_in(actor)
    who = candidate_of(actor, authorities_of(actor.id))
    return [
        Candidacy(change, slot, (
            *open_for_decision_blockers(change),
            *eligibility(who, cases[change.pk]).blockers(),
            *bulk_blockers(change, opened),
        ))
        for slot in waiting
        if (change := changes.get(slot.about)) is not None
    ]  # fmt: skip


def _ask_who(request: HttpRequest, picked: Sequence[Candidacy], proof: StepUpForm) -> HttpResponse:
    """The password page; it carries what was chosen."""
    approve = find_move(CHANGE_MOVES, "approve")
    assert approve is not None
    return site.step_up_page(
        request,
        proof,
        {
            "kept": kept_of(request), "action": request.path,
            "move": replace(approve, label=f"Approve {len(picked)} together"),
            "about": ", ".join(row.change.code for row in picked),
            "comment": request.POST.get("comment", "")[:200], "next": request.path,
        },
    )  # fmt: skip


def _together(
    request: HttpRequest, rows: Sequence[Candidacy], status: int = 200, **more: Any
) -> HttpResponse:
    return _page(
        request, "changes/approve_together.html", "Approve together", rows=rows,
        possible=sum(not row.blockers and not row.is_done for row in rows), status=status, **more,
    )  # fmt: skip


def _page(
    request: HttpRequest, template: str, title: str, *, status: int = 200, **context: Any
) -> HttpResponse:
    whole = {**site.each_context(request), "title": title, **context}
    return render(request, template, whole, status=status)
