"""Every reason why something may not happen to a change, one generator per move."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, cast
from uuid import UUID

from django.db.models import Q
from django.utils.timezone import localtime

from apps.accounts.domain.authority import Authority
from apps.accounts.selectors import authorities_of
from apps.approvals.domain.eligibility import (
    Candidate,
    Case,
    Deed,
    Eligibility,
    Fact,
    eligibility,
    implementation_facts,
)
from apps.approvals.domain.slots import VERDICT_IN_WORDS
from apps.approvals.models import Approval, Decision
from apps.approvals.policies import candidate_of, case_of, own_decision
from apps.approvals.policies import take_back_blockers as nothing_to_take_back
from apps.approvals.selectors import (
    recusals_about,
    roles_of_signers,
    slots_now,
)
from apps.changes.domain import lifecycle as life
from apps.changes.domain.content import FIELDS_IN_WORDS, differences, in_one_sentence
from apps.changes.domain.impact import ASPECTS, gaps
from apps.changes.domain.risk import BANDS
from apps.changes.domain.standard import ACTIVE
from apps.changes.events import EDITED, EDITED_UNASKED, INVALIDATED, NIGHT_MOVED
from apps.changes.models import ChangeRequest, StandardTemplate
from apps.changes.policies.debt import emergency_debt_blockers, unconfirmed_calls
from apps.changes.policies.reasons import role_blocker, wrong_state
from apps.core import clock
from apps.core.actor import Actor, RoleHeld
from apps.core.errors import Blocker, bad_input
from apps.core.text import LINE_MAX, day_in_words, text_blockers
from apps.evidence.models import EvidenceEntry
from apps.evidence.selectors import body_of, exhibits_about, is_sealed

WRITERS = ("requester", "developer")
#: Characters of the words of one aspect of the impact form.
WORDS_MAX = 500
LABEL_OF_STATE = dict(life.STATES)
#: What tells of an edit.
EDITING = (EDITED, EDITED_UNASKED, NIGHT_MOVED, INVALIDATED)
#: What an edit makes somebody an author of: field of an entry → the words of a sentence.
EDITED_IN_WORDS = {**FIELDS_IN_WORDS, "assets": "scope"}


def state_blockers(change: ChangeRequest, move: str) -> Iterator[Blocker]:
    sources = life.SOURCES[move]
    if change.state not in sources:
        yield wrong_state(change.code, change.state, sources, LABEL_OF_STATE, life.MOVERS)


def _hold_blockers(change: ChangeRequest) -> Iterator[Blocker]:
    if change.on_hold:
        yield Blocker(
            "on_hold",
            f"{change.code} is on hold: {change.on_hold_reason}",
            "Release it from hold.",
            "change manager or the owner of the change",
            kind="state",
        )


def is_theirs(actor: Actor, change: ChangeRequest) -> bool:
    """The actor asked for it, wrote it or answers for it."""
    return actor.id in (change.requester_id, change.author_id, change.owner_id)


def _manages(actor: Actor) -> bool:
    return actor.holds("change_manager")


def create_blockers(actor: Actor) -> Iterator[Blocker]:
    if not actor.holds(*WRITERS, "application_owner") or not actor.is_human:
        yield role_blocker(
            actor, "a requester, developer or application owner", "Ask for one of these roles."
        )


def edit_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    if change.state not in life.EDITABLE:
        yield Blocker(
            "content_locked",
            f"{change.code} is {LABEL_OF_STATE[change.state].lower()}; its content is fixed.",
            "A needed change of content is a new change request.",
            "requester",
            kind="state",
        )
    yield from _hold_blockers(change)
    if not (is_theirs(actor, change) and actor.holds(*WRITERS, "application_owner")):
        yield role_blocker(
            actor,
            "its requester, author or owner",
            f"Ask {change.requester} or {change.owner}.",
        )


def template_change_blockers(
    change: ChangeRequest, template_before: UUID | None
) -> Iterator[Blocker]:
    """Within which limits a change is carried out is settled when it is submitted."""
    if change.state != life.DRAFT and change.standard_template_id != template_before:
        yield bad_input(
            "standard_template",
            f"{change.code} is {LABEL_OF_STATE[change.state].lower()}; its standard change is "
            "fixed.",
            "Leave it; what another standard change covers is another change.",
            "template_fixed",
        )


def values_blockers(values: Mapping[str, Any]) -> Iterator[Blocker]:
    """What is wrong with the text of a draft, field by field."""
    yield from text_blockers("title", values.get("title") or "", required=True, longest=LINE_MAX)
    for name in ("reason", "implementation_summary", "backout_summary", "validation_summary"):
        yield from text_blockers(name, values.get(name) or "")
    for aspect in ASPECTS:
        words = values.get(aspect.words) or ""
        yield from text_blockers(aspect.words, words, longest=WORDS_MAX)
    for name in ("incident_ref", "external_ref"):
        yield from text_blockers(name, values.get(name) or "", longest=40)


def submit_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    yield from state_blockers(change, "submit")
    yield from _hold_blockers(change)
    yield from _submitter_blockers(actor, change)
    yield from completeness_blockers(change)
    yield from emergency_debt_blockers(change)


def auto_approve_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    yield from state_blockers(change, "auto_approve")
    yield from _hold_blockers(change)
    yield from _submitter_blockers(actor, change)
    if change.change_type != ChangeRequest.Type.STANDARD:
        yield Blocker(
            "not_standard",
            "Only a standard change is approved in advance.",
            "Submit it for assessment.",
            "requester",
        )
    yield from completeness_blockers(change)


def _submitter_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    if not (is_theirs(actor, change) and actor.holds(*WRITERS, "application_owner")):
        yield role_blocker(
            actor, "its requester, author or owner", f"Ask {change.requester} to submit it."
        )


def completeness_blockers(
    change: ChangeRequest, has_tests: bool | None = None
) -> Iterator[Blocker]:
    """What a change must hold before anybody is asked about it. `has_tests`: whether it has test
    evidence, where the caller knows that already."""
    needed = {
        "reason": "why it is needed",
        "implementation_summary": "how it is implemented",
        "backout_summary": "how it is backed out",
        "validation_summary": "how it is validated",
        "declared_risk": "how risky its requester thinks it is",
    }
    for name, what in needed.items():
        if not getattr(change, name):
            yield Blocker(
                "missing_field", f"It does not say {what}.",
                f"Fill in “{FIELDS_IN_WORDS[name].capitalize()}”.", "requester", field=name,
            )  # fmt: skip
    yield from impact_blockers(change)
    lines = list(change.assets.all())
    if not lines:
        yield Blocker("no_scope", "Its scope is empty.", "Add the assets it touches.",
                      "requester", field="assets")  # fmt: skip
    for line in lines:
        if not line.from_version and line.action in ("change", "convert", "delete"):
            yield Blocker(
                "no_base_version",
                f"{line.asset.name} does not say which version it was built on.",
                "Enter the version in production that the work started from.",
                "author",
                field="assets",
            )
    if has_tests is None:
        has_tests = bool(change.tests_due_on) or exhibits_about(change.subject).exists()
    if not (change.tests_due_on or has_tests):
        yield Blocker(
            "no_tests",
            "There is neither test evidence nor a date for it.",
            "Attach a test result, or enter when it will be there.",
            "author",
            field="tests_due_on",
        )
    if change.change_type == ChangeRequest.Type.EMERGENCY and not change.incident_ref:
        yield Blocker(
            "no_incident", "An emergency change names its incident.", "Enter the incident.",
            "requester", field="incident_ref",
        )  # fmt: skip
    if change.change_type == ChangeRequest.Type.STANDARD:
        yield from template_blockers(change, change.standard_template)


def impact_blockers(change: ChangeRequest) -> Iterator[Blocker]:
    """What is missing of the impact form for a change of this risk."""
    told = {name: getattr(change, name) for a in ASPECTS for name in (a.choice, a.words)}
    is_emergency = change.change_type == ChangeRequest.Type.EMERGENCY
    for gap in gaps(told, change.risk_band, is_emergency=is_emergency):
        label = gap.aspect.label.capitalize()
        yield Blocker(
            "missing_field",
            f"It does not say {'what' if gap.is_choice else 'in words what'} it means for the "
            f"{gap.aspect.short}.",
            f"Choose one of “{label}”." if gap.is_choice else f"Fill in “{label}: in words”.",
            "requester",
            field=gap.field,
        )


def signer_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    """Nobody both approves what is signed and writes on it."""
    if own_decision(slots_now(change.subject), actor.id) is not None:
        yield Blocker(
            "signed_it",
            f"You signed {change.code}; whoever signs it does not edit what is signed.",
            "Take your signature back first, or let its author edit it.",
            "its author",
            kind="permission",
        )


def template_blockers(
    change: ChangeRequest, template: StandardTemplate | None
) -> Iterator[Blocker]:
    """Whether a standard change stays inside what the board approved in advance."""
    if template is None:
        yield Blocker("no_template", "It names no standard change.",
                      "Choose one, or make it a normal change.", "requester",
                      field="standard_template")  # fmt: skip
        return
    if template.state != ACTIVE or template.approved_until <= clock.now():
        why = template.suspended_because or template.get_state_display().lower()
        last = day_in_words(localtime(template.approved_until))
        ended = why if template.state != ACTIVE else f"ended {last}"
        yield Blocker(
            "template_ended",
            f"{template.code} is not approved in advance now: {ended}.",
            "Make it a normal change, or have the board approve the standard change again.",
            "the chair of the board",
        )
    if template.application_id and template.application_id != change.application_id:
        yield Blocker(
            "outside_template",
            f"{template.code} is for {template.application} only.",
            "Make it a normal change.",
            "requester",
        )
    lines = list(change.assets.all())
    if len(lines) > template.max_assets:
        yield Blocker(
            "outside_template",
            f"{template.code} allows {template.max_assets} assets; this has {len(lines)}.",
            "Split it, or make it a normal change.",
            "requester",
        )
    outside = sorted({line.asset.type.family for line in lines} - set(template.families))
    if outside:
        yield Blocker(
            "outside_template",
            f"{template.code} does not cover {', '.join(outside)}.",
            "Make it a normal change.",
            "requester",
        )
    elif template.asset_types:
        others = sorted({line.asset.type_id for line in lines} - set(template.asset_types))
        if others:
            yield Blocker(
                "outside_template",
                f"{template.code} does not cover assets of type {', '.join(others)}.",
                "Make it a normal change.",
                "requester",
            )
    if change.risk_band and BANDS.index(change.risk_band) > BANDS.index(template.max_risk):
        yield Blocker(
            "outside_template",
            f"{template.code} covers up to {template.max_risk} risk; this is {change.risk_band}.",
            "Make it a normal change.",
            "requester",
        )


def cases_of(
    changes: Iterable[ChangeRequest], slots: Mapping[str, Sequence[Approval]]
) -> dict[UUID, Case]:
    """What is asked about each change, by its live slots by subject. Three queries for all."""
    wanted = list(changes)
    subjects = [change.subject for change in wanted]
    edits: dict[str, list[Deed]] = {subject: [] for subject in subjects}
    told = EvidenceEntry.objects.filter(
        subject__in=subjects, action__in=[event.code for event in EDITING]
    )
    if clock.is_looking_back():
        told = told.filter(at__lte=clock.now())
    for entry in told.order_by("id"):
        edits[entry.subject] += _edits_in(entry)
    recusals: dict[str, list[Decision]] = {subject: [] for subject in subjects}
    for said in recusals_about(subjects):
        recusals[said.approval.about].append(said)
    held = roles_of_signers(slot for subject in subjects for slot in slots.get(subject, ()))
    return {
        change.pk: case_of(
            slots.get(change.subject, ()),
            (*_parts_of(change), *edits[change.subject]),
            recusals[change.subject],
            held,
        )
        for change in wanted
    }


def _parts_of(change: ChangeRequest) -> Iterator[Deed]:
    since = change.created_at
    yield Deed(change.requester_id, "requester", "requested it", since, change.subject)
    yield Deed(change.author_id, "author", "wrote what it changes, as entered", since,
               change.subject)  # fmt: skip
    yield Deed(change.owner_id, "owner", "owns it", since, change.subject)


def _edits_in(entry: EvidenceEntry) -> Iterator[Deed]:
    """Who edits what is signed has written it, as far as that goes."""
    diff = body_of(entry).get("diff", ())
    fields = [row["field"] for row in diff]
    told = [EDITED_IN_WORDS[name] for name in fields if name in EDITED_IN_WORDS]
    if told and entry.actor_id is not None:
        yield Deed(
            entry.actor_id, "author", f"edited the {', '.join(told)}", entry.at, entry.subject
        )
    for row in diff:
        if row["field"] == "author" and row.get("old"):
            yield Deed(
                UUID(row["old"]), "author", "was entered as its author", entry.at, entry.subject
            )


def eligible_to_sign(
    change: ChangeRequest, candidate: Candidate, slots: Sequence[Approval] | None = None
) -> Eligibility:
    """Every fact for and against this person's signature now; `slots`: the live ones."""
    live = slots_now(change.subject) if slots is None else slots
    return eligibility(candidate, case_about(change, live))


def case_about(change: ChangeRequest, slots: Sequence[Approval]) -> Case:
    """What its live `slots` ask about one change."""
    return cases_of([change], {change.subject: slots})[change.pk]


def implement_facts(change: ChangeRequest, person: Candidate) -> tuple[Fact, ...]:
    """Who approved a change does not implement it; whoever else runs steps, releases knows."""
    return implementation_facts(person, case_about(change, slots_now(change.subject)))


def open_for_decision_blockers(change: ChangeRequest) -> Iterator[Blocker]:
    """Why nobody decides on it now."""
    yield from state_blockers(change, "approve")
    yield from _hold_blockers(change)


def sign_blockers(
    actor: Actor, change: ChangeRequest, answer: Eligibility | None = None
) -> Iterator[Blocker]:
    """`answer`: whether the actor is eligible, where the caller knows that already."""
    yield from open_for_decision_blockers(change)
    found = answer or _answer_for(actor, change)
    if found.asked or change.state == life.ASSESSING:
        yield from found.blockers()


def approve_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    """Why the actor may not sign in favour."""
    yield from sign_blockers(actor, change)
    yield from emergency_debt_blockers(change)


def _answer_for(actor: Actor, change: ChangeRequest) -> Eligibility:
    """A page asks the same for each of the moves that sign; the record keeps the answer."""
    known: dict[Any, Eligibility] = change.__dict__.setdefault("_eligible", {})
    key = (actor, change.evidence_seq)
    if key not in known:
        known[key] = eligible_to_sign(change, candidate_of(actor, _authorities_in(change, actor)))
    return known[key]


def _authorities_in(change: ChangeRequest, actor: Actor) -> tuple[Authority, ...]:
    """By what rights the actor acts; asked for by several moves of a page, kept by the record."""
    known: dict[UUID | None, Any] = change.__dict__.setdefault("_authorities", {})
    if actor.id not in known:
        known[actor.id] = authorities_of(actor.id)
    return cast(tuple[Authority, ...], known[actor.id])


def rights_in(change: ChangeRequest, actor: Actor) -> tuple[RoleHeld, ...]:
    """The roles that the actor holds or acts by for somebody."""
    return tuple(authority.held for authority in _authorities_in(change, actor))


def recuse_blockers(
    actor: Actor,
    change: ChangeRequest,
    answer: Eligibility | None = None,
    slots: Sequence[Approval] | None = None,
) -> Iterator[Blocker]:
    """Who could be asked may step back, once, unless their signature stands in any slot.

    `answer` and `slots`, the live ones, where the caller has them already.
    """
    yield from state_blockers(change, "approve")
    for blocker in (answer or _answer_for(actor, change)).blockers():
        if blocker.code in ("not_a_person", "inactive", "not_in_slot", "no_open_slot", "recused"):
            yield blocker
    live = slots_now(change.subject) if slots is None else slots
    for slot in live:
        for said in slot.standing:
            if actor.id in said.people and said.verdict != Decision.Verdict.RECUSE:
                yield _still_signed(actor, slot, said)


def _still_signed(actor: Actor, slot: Approval, said: Decision) -> Blocker:
    mine = said.by_id == actor.id
    return Blocker(
        "signed_already",
        f"{'You have' if mine else f'{said.by} has'} {VERDICT_IN_WORDS[said.verdict]}"
        f"{'' if mine else ' for you'} as {slot.label.lower()}; who steps back signs nothing.",
        f"{'Take it back' if mine else f'Have {said.by} take it back'} first.",
        "you" if mine else str(said.by),
        kind="permission",
    )


def take_back_blockers(
    actor: Actor, change: ChangeRequest, slots: Sequence[Approval] | None = None
) -> Iterator[Blocker]:
    """`slots`: the live ones, where the caller has them already."""
    yield from open_for_decision_blockers(change)
    live = slots_now(change.subject) if slots is None else slots
    yield from nothing_to_take_back(actor, live)


#: Bands of risk that may be decided on without a page of their own.
BULK_BANDS = ("low", "medium")


def bulk_blockers(change: ChangeRequest, opened: Container[tuple[str, str]]) -> Iterator[Blocker]:
    """What is asked beside the usual when many changes are approved at once.

    `opened`: the (subject, content digest) pairs that the signer opened since signing in.
    """
    if change.risk_band not in BULK_BANDS:
        yield Blocker(
            "risk_too_high",
            f"{change.code} is of {change.risk_band or 'unknown'} risk; only low and medium are "
            "approved together with others.",
            "Decide on its own page.",
            "you",
        )
    yield from unread_blockers(change, opened)


def unread_blockers(change: ChangeRequest, opened: Container[tuple[str, str]]) -> Iterator[Blocker]:
    """Nobody signs among others what they have not looked at; `opened` as above."""
    if (change.subject, change.fingerprint) not in opened:
        yield Blocker(
            "not_opened",
            f"You have not opened {change.code} as it is now since you signed in.",
            "Open and read it first.",
            "you",
        )


def expire_blockers(change: ChangeRequest) -> Iterator[Blocker]:
    yield from state_blockers(change, "invalidate")
    if change.valid_until is None or change.valid_until > clock.now():
        yield Blocker("still_valid", f"The approval of {change.code} has not ended.",
                      "Nothing to do.", "nobody", kind="state")  # fmt: skip


def return_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    yield from state_blockers(change, "return_to_draft")
    if not _manages(actor) and not any(
        slot.spec.admits(rights_in(change, actor)) for slot in slots_now(change.subject)
    ):
        yield role_blocker(
            actor, "an approver of an open slot or a change manager", "Ask one of them."
        )


def hold_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    if change.state not in life.OPEN:
        yield wrong_state(change.code, change.state, life.OPEN, LABEL_OF_STATE, life.MOVERS)
    if change.on_hold:
        yield Blocker("on_hold", f"{change.code} is on hold already.", "Nothing to do.", "nobody",
                      kind="state")  # fmt: skip
    yield from _steward_blockers(actor, change)


def release_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    if not change.on_hold:
        yield Blocker("not_on_hold", f"{change.code} is not on hold.", "Nothing to do.", "nobody",
                      kind="state")  # fmt: skip
    yield from _steward_blockers(actor, change)


def _steward_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    if not _manages(actor) and actor.id != change.owner_id:
        yield role_blocker(
            actor, "a change manager or the owner of the change", f"Ask {change.owner}."
        )


def invalidate_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    yield from state_blockers(change, "invalidate")
    if not _manages(actor):
        yield role_blocker(actor, "a change manager", "Ask a change manager.")


def cancel_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    if change.state == life.SCHEDULED:
        yield Blocker(
            "in_package",
            f"{change.code} is scheduled in a package.",
            "Take it out of its package first.",
            "release coordinator",
            kind="state",
        )
    else:
        yield from state_blockers(change, "cancel")
    if not _manages(actor) and not is_theirs(actor, change):
        yield role_blocker(
            actor, "its requester, its owner or a change manager", f"Ask {change.requester}."
        )
    elif is_theirs(actor, change) and change.explained_versions.exists():
        yield Blocker(
            "separation_of_duties",
            f"{change.code} explains what reached production without a package; who owes the "
            "explanation does not call it off.",
            "Explain it, or have a change manager cancel it with the reason.",
            "a change manager",
            kind="permission",
        )


def ratify_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    if change.change_type != ChangeRequest.Type.EMERGENCY:
        yield Blocker("not_emergency", "Only an emergency change is ratified afterwards.",
                      "Nothing to do.", "nobody", kind="state")  # fmt: skip
    yield from state_blockers(change, "close")
    if change.ratified_at:
        yield Blocker(
            "ratified", "It is ratified already.", "Nothing to do.", "nobody", kind="state"
        )
    if not actor.holds("cab_chair", "cab_member"):
        yield role_blocker(actor, "a member of the board", "Bring it to the board.")
    if is_theirs(actor, change):
        yield _not_independent("You requested, wrote or own it")
    elif change.change_type == ChangeRequest.Type.EMERGENCY:
        yield from _party_blockers(actor, change)


def _party_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    """Who wrote in it, or decided on it in whatever slot, has a part in what is judged now."""
    if any(deed.person == actor.id for deed in cases_of([change], {})[change.pk].deeds):
        yield _not_independent("You edited what it does")
    mine = Q(by=actor.id) | Q(on_behalf_of=actor.id)
    if Decision.objects.filter(mine, approval__about=change.subject).exists():
        yield _not_independent(
            "You decided on it before it was implemented, or somebody did for you"
        )


def _not_independent(why: str) -> Blocker:
    return Blocker(
        "separation_of_duties",
        f"{why}; somebody independent ratifies.",
        "Another member of the board ratifies.",
        "another member of the board",
        kind="permission",
    )


def close_blockers(actor: Actor, change: ChangeRequest) -> Iterator[Blocker]:
    yield from state_blockers(change, "close")
    if actor.id != change.owner_id and not _manages(actor):
        yield role_blocker(
            actor, "the owner of the change or a change manager", f"Ask {change.owner}."
        )
    if change.change_type == ChangeRequest.Type.EMERGENCY and not change.ratified_at:
        yield Blocker(
            "not_ratified",
            "The emergency is not ratified by the board.",
            "The board ratifies it.",
            "a member of the board",
        )
    if unconfirmed_calls().filter(change=change).exists():
        yield Blocker(
            "phone_unconfirmed",
            "An approval by phone is not confirmed.",
            "Who approved by phone confirms or denies it in the console.",
            "who approved by phone",
        )
    if not is_sealed(change.subject, change.evidence_seq):
        yield Blocker(
            "evidence_gap",
            "The chain of its evidence has a gap.",
            "Have an auditor look at it before anything else.",
            "auditor",
        )


def needs_review(change: ChangeRequest) -> bool:
    """A change that did not go smoothly, or might not have, is closed with a review."""
    return (
        change.change_type == ChangeRequest.Type.EMERGENCY
        or change.state in (life.FAILED, life.BACKED_OUT)
        or change.risk_band in ("high", "critical")
    )


def review_blockers(change: ChangeRequest, comment: str) -> Iterator[Blocker]:
    if needs_review(change) and len(comment.strip()) < 20:
        yield bad_input(
            "comment",
            "This change needs a review before it is closed: what happened, what was learnt.",
            "Write at least a sentence of 20 characters.",
            "review_needed",
        )


def voided_by(change: ChangeRequest, content: Mapping[str, Any]) -> str:
    """What differs from the content that was signed, in a sentence; empty when nothing does."""
    return in_one_sentence(differences(change.signed_content, content))
