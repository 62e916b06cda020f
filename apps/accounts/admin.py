"""People in the console: accounts, roles and teams."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.accounts.domain.roles import LABEL_OF_ROLE
from apps.accounts.domain.roster import Shift
from apps.accounts.models import Delegation, RoleGrant, Team, TeamMembership, TeamShift, User
from apps.accounts.moves import DELEGATION_MOVES, ROLE_GRANT_MOVES, SHIFT_MOVES
from apps.accounts.policies import (
    change_shift_blockers,
    delegate_blockers,
    keep_people_blockers,
    keep_roster_blockers,
    shift_blockers,
    span_blockers,
)
from apps.accounts.selectors import grants_held, on_shift_now
from apps.accounts.services.delegations import delegate_role
from apps.accounts.services.people import (
    create_team,
    create_user,
    edit_team,
    edit_user,
    grant_role,
)
from apps.accounts.services.roster import change_shift, enter_shift
from apps.console import display
from apps.console.admin import GovernedAdmin, PartInline
from apps.console.page import Fact
from apps.console.site import site
from apps.core import clock
from apps.core.actor import Actor


def _may_not_edit(actor: Actor, obj: Any) -> Any:
    return keep_people_blockers(actor)


class AccountForm(forms.ModelForm):
    """The password is set once here; afterwards only its owner changes it."""

    initial_password = forms.CharField(
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="At least 12 characters. Leave it empty for a service account.",
    )

    class Meta:
        model = User
        fields = ("username", "first_name", "last_name", "email", "kind", "manager")


def _create_user(*, actor: Actor, values: Mapping[str, Any]) -> User:
    facts = dict(values)
    password = facts.pop("initial_password", "") or None
    return create_user(actor=actor, password=password, **facts)


@admin.register(User, site=site)
class UserAdmin(GovernedAdmin):
    order = 10
    create_service = _create_user
    edit_service = edit_user
    create_blockers = keep_people_blockers
    edit_blockers = _may_not_edit
    list_display = ("username", "full_name", "kind", "is_active", "manager", "email")
    list_select_related = ("manager",)
    list_filter = ("kind", "is_active")
    autocomplete_fields = ("manager",)
    search_fields = ("username", "first_name", "last_name", "email")
    export_fields = ("username", "first_name", "last_name", "email", "kind", "is_active",
                     "manager")  # fmt: skip
    ordering = ("username",)

    def get_fields(self, request: HttpRequest, obj: User | None = None) -> Sequence[str]:
        if obj is None:
            return (*AccountForm.Meta.fields, "initial_password")
        return ("username", "kind", "first_name", "last_name", "email", "manager", "is_active",
                "is_staff")  # fmt: skip

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Sequence[str]:
        return () if obj is None else ("username", "kind")

    def get_form(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        return super().get_form(
            request, obj, **({"form": AccountForm, **kwargs} if obj is None else kwargs)
        )

    def subject_of(self, obj: User) -> str:
        return f"user:{obj.pk}"

    def strip(self, request: HttpRequest, obj: User) -> Sequence[Fact]:
        roles = [
            f"{LABEL_OF_ROLE[role]}{f' ({scope})' if scope else ''}"
            for role, scope in grants_held()
            .filter(user=obj)
            .order_by("role", "scope")
            .values_list("role", "scope")
        ]
        teams = obj.memberships.values_list("team__code", flat=True).order_by("team__code")
        return (
            Fact("Account", display.word("met", "Active") if obj.is_active
                 else display.word("cancelled", "Deactivated"), obj.get_kind_display()),
            Fact("Manager", str(obj.manager or "none"),
                 "is told when their signature is late" if obj.manager else ""),
            Fact("Roles", display.lines(roles) if roles else "none"),
            Fact("Teams", display.name(", ".join(teams)) if teams else "none"),
        )  # fmt: skip

    @admin.display(description="Name", ordering="last_name")
    def full_name(self, obj: User) -> str:
        return obj.get_full_name()


class MemberInline(PartInline):
    model = TeamMembership
    verbose_name_plural = "members"
    fields = ("user",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TeamMembership]:
        return (
            super().get_queryset(request).select_related("user", "team").order_by("user__username")
        )


def _members(parts: Mapping[str, Sequence[Mapping[str, Any]]]) -> list[Any] | None:
    """Who is left in the team; None when the membership was not touched."""
    if "members" not in parts:
        return None
    return [row["user"].pk for row in parts["members"] if not row["DELETE"]]


def _create_team(*, actor: Actor, values: Mapping[str, Any], parts: Mapping[str, Any]) -> Team:
    return create_team(actor=actor, values=values, members=_members(parts) or ())


def _edit_team(*, parts: Mapping[str, Any], **call: Any) -> Team:
    return edit_team(members=_members(parts), **call)


@admin.register(Team, site=site)
class TeamAdmin(GovernedAdmin):
    order = 20
    create_service = _create_team
    edit_service = _edit_team
    create_blockers = keep_people_blockers
    edit_blockers = _may_not_edit
    inlines = (MemberInline,)
    list_display = ("code", "name", "kind", "capacity", "contact")
    list_select_related = ()
    list_filter = ("kind",)
    search_fields = ("code", "name", "contact")
    fields = ("code", "name", "kind", "capacity", "contact")

    def heading(self, obj: Team) -> SafeString:
        return display.joined(display.name(obj.code), obj.name)

    def strip(self, request: HttpRequest, obj: Team) -> Sequence[Fact]:
        return (
            Fact("Kind", obj.get_kind_display()),
            Fact("Members", obj.members.count()),
            Fact("Capacity", obj.capacity, "people at the same time"),
            Fact("On shift now", display.lines(map(_told, on_shift_now(obj.pk))) or "nobody"),
            Fact("Contact", obj.contact or "none"),
        )


def _told(shift: Shift) -> str:
    return f"{shift.name} ({shift.role}{f', {shift.phone}' if shift.phone else ''})"


def _grant(*, actor: Actor, values: Mapping[str, Any]) -> RoleGrant:
    return grant_role(actor=actor, **values)


@admin.register(RoleGrant, site=site)
class RoleGrantAdmin(GovernedAdmin):
    """A grant is given and ended, never edited."""

    order = 30
    moves = ROLE_GRANT_MOVES
    step_up = True
    create_service = _grant
    create_blockers = keep_people_blockers
    list_display = ("user", "role", "scope", "in_force", "granted_by", "granted_at", "until")
    list_select_related = ("user", "granted_by")
    list_filter = ("role",)
    search_fields = ("user__username", "user__last_name", "role", "scope")

    def get_fields(self, request: HttpRequest, obj: RoleGrant | None = None) -> Sequence[str]:
        given = ("user", "role", "scope", "until")
        return given if obj is None else (*given, "granted_by", "granted_at")

    def strip(self, request: HttpRequest, obj: RoleGrant) -> Sequence[Fact]:
        return (
            Fact("Now", self.in_force(obj)),
            Fact("Granted", display.when(obj.granted_at), obj.granted_by or "at set-up"),
            Fact("Until", display.when(obj.until) if obj.until else "without end"),
        )

    @admin.display(description="Now")
    def in_force(self, obj: RoleGrant) -> SafeString:
        if obj.until is None or obj.until > clock.now():
            return display.word("met", "In force")
        return display.word("closed", "Ended")


class DelegationForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        """The span, in the words of the service: the database's constraint names no remedy."""
        span = [self.cleaned_data.get(name) for name in ("starts_at", "ends_at")]
        if all(span):
            for blocker in span_blockers(*span):
                self.add_error(blocker.field, f"{blocker.text} {blocker.fix}")
        return self.cleaned_data


def _delegate(*, actor: Actor, values: Mapping[str, Any]) -> Delegation:
    return delegate_role(actor=actor, **values)


@admin.register(Delegation, site=site)
class DelegationAdmin(GovernedAdmin):
    """Who decides for whom. It is given and revoked, never edited."""

    order = 40
    moves = DELEGATION_MOVES
    step_up = True
    form = DelegationForm
    create_service = _delegate
    create_blockers = delegate_blockers
    list_display = ("delegator", "delegate", "role", "scope", "in_force", "starts_at", "ends_at")
    list_display_links = ("delegator", "delegate")
    list_select_related = ("delegator", "delegate")
    list_filter = ("role",)
    search_fields = ("delegator__username", "delegate__username", "delegator__last_name",
                     "delegate__last_name")  # fmt: skip
    autocomplete_fields = ("delegate",)

    def get_fields(self, request: HttpRequest, obj: Delegation | None = None) -> Sequence[str]:
        given = ("delegate", "role", "scope", "starts_at", "ends_at", "reason")
        return given if obj is None else ("delegator", *given)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        now = clock.now().replace(second=0, microsecond=0)
        return {"starts_at": now, **super().get_changeform_initial_data(request)}

    def strip(self, request: HttpRequest, obj: Delegation) -> Sequence[Fact]:
        return (
            Fact("Now", self.in_force(obj)),
            Fact("Decides", str(obj.delegate), f"for {obj.delegator}"),
            Fact("From", display.when(obj.starts_at)),
            Fact("Until", display.when(obj.revoked_at or obj.ends_at),
                 "revoked" if obj.revoked_at else obj.reason),
        )  # fmt: skip

    @admin.display(description="Now")
    def in_force(self, obj: Delegation) -> SafeString:
        if obj.revoked_at is not None:
            return display.word("cancelled", "Revoked")
        if obj.ends_at <= clock.now():
            return display.word("closed", "Ended")
        if obj.starts_at > clock.now():
            return display.word("planned", "Not yet")
        return display.word("met", "In force")


class ShiftForm(forms.ModelForm):
    def clean(self) -> dict[str, Any]:
        """In the words of the service: the database's constraints name no remedy."""
        told = self.cleaned_data
        if all(told.get(name) for name in ("team", "person", "starts_at", "ends_at")):
            for blocker in shift_blockers(TeamShift(pk=self.instance.pk, **told)):
                self.add_error(blocker.field, f"{blocker.text} {blocker.fix}")
        return told


@admin.register(TeamShift, site=site)
class TeamShiftAdmin(GovernedAdmin):
    """Who of a team is on shift when. It is cancelled, never deleted."""

    order = 25
    moves = SHIFT_MOVES
    form = ShiftForm
    create_service = enter_shift
    edit_service = change_shift
    create_blockers = keep_roster_blockers
    edit_blockers = change_shift_blockers
    list_display = ("team", "person", "role", "on_shift", "starts_at", "ends_at", "phone")
    list_display_links = ("team", "person")
    list_select_related = ("team", "person")
    list_filter = ("team", "role")
    search_fields = ("team__code", "person__username", "person__last_name")
    autocomplete_fields = ("team", "person")
    fields = ("team", "person", "role", "starts_at", "ends_at", "phone")

    def heading(self, obj: TeamShift) -> SafeString:
        return display.joined(str(obj.person), "for", display.name(obj.team.code))

    def strip(self, request: HttpRequest, obj: TeamShift) -> Sequence[Fact]:
        return (
            Fact("Now", self.on_shift(obj)),
            Fact("As", obj.get_role_display()),
            Fact("From", display.when(obj.starts_at)),
            Fact("Until", display.when(obj.ends_at)),
            Fact("Reached at", obj.phone or obj.team.contact or "not told"),
        )

    @admin.display(description="Now")
    def on_shift(self, obj: TeamShift) -> SafeString:
        now = clock.now()
        if obj.cancelled_at is not None:
            return display.word("cancelled", "Cancelled")
        if obj.ends_at <= now:
            return display.word("closed", "Ended")
        if obj.starts_at > now:
            return display.word("planned", "Not yet")
        return display.word("met", "On shift")
