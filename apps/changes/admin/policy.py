"""The approval policy in the console: its rules as a table, and a form to try them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.fields import ArrayField
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.accounts.domain.roles import LABEL_OF_ROLE
from apps.approvals.domain.slots import SIGNERS_OF
from apps.changes.domain.policy import (
    CHANGE_TYPES,
    LEAD_OF_FAMILY,
    WITHOUT_LEAD,
    PolicyInput,
    Rule,
    slots_for,
    stem_of,
)
from apps.changes.domain.risk import BANDS
from apps.changes.domain.seal import ROW, ROW_CODES
from apps.changes.models import ApprovalPolicy, PolicyRule
from apps.changes.selectors import policies_with_rules
from apps.changes.services import policies
from apps.console import display
from apps.console.admin import GovernedAdmin, PartInline
from apps.console.forms import WordsField, words_input
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.inventory.models import Criticality, Regulation


def _pairs(codes: Sequence[str]) -> list[tuple[str, str]]:
    return [(code, code.replace("_", " ").capitalize()) for code in codes]


def _in_words(code: str) -> str:
    return ROW[code].what if code in ROW else "a higher band of risk"


class TryForm(forms.Form):
    """A change that could be. Nothing of it is kept."""

    change_type = forms.ChoiceField(label="Type", choices=_pairs(CHANGE_TYPES), initial="normal")
    risk_band = forms.ChoiceField(label="Risk", choices=_pairs(BANDS), initial="high")
    families = WordsField(
        forms.ChoiceField(choices=_pairs((*LEAD_OF_FAMILY, *WITHOUT_LEAD))),
        required=False,
        initial=["db2", "ims"],
        help_text="Families of assets, with commas between.",
    )
    tier = forms.ChoiceField(
        label="Tier of the application", choices=Criticality.choices, initial="tier0"
    )
    environments = WordsField(
        forms.CharField(max_length=12),
        required=False,
        help_text="Where the assets run, with commas between.",
    )
    regulations = WordsField(
        forms.ChoiceField(choices=Regulation.choices),
        required=False,
        help_text="Such as pci, sox or dora, with commas between.",
    )
    in_freeze = forms.BooleanField(label="Inside a freeze", required=False)
    changed = forms.ChoiceField(
        label="Asked again because of",
        required=False,
        choices=[("", "Nothing: it is new"), *((code, _in_words(code)) for code in ROW_CODES)],
    )

    def facts(self) -> PolicyInput:
        """What was entered, as the engine takes it."""
        told = self.cleaned_data
        return PolicyInput(
            change_type=told["change_type"],
            risk_band=told["risk_band"],
            application="its application",
            families=frozenset(told["families"]),
            tier=told["tier"],
            environments=frozenset(told["environments"]),
            regulations=frozenset(told["regulations"]),
            in_freeze=told["in_freeze"],
            changed=frozenset({told["changed"]} - {""}),
        )


def _regulation(code: str) -> str:
    return Regulation(code).label


def _when(rule: Rule) -> str:
    """The conditions of a rule as one line."""
    parts = [
        " or ".join(rule.change_types),
        f"from {rule.risk_from} risk on" if rule.risk_from else "",
        f"touches {' or '.join(rule.families)}" if rule.families else "",
        " or ".join(rule.tiers),
        f"runs in {' or '.join(rule.environments)}" if rule.environments else "",
        f"under {' or '.join(map(_regulation, rule.regulations))}" if rule.regulations else "",
        "inside a freeze" if rule.in_freeze else "",
        f"asked again for {' or '.join(map(_in_words, rule.after))}" if rule.after else "",
    ]
    told = ", ".join(part for part in parts if part)
    return told[:1].upper() + told[1:] or "Always"


def _who(text: str) -> str:
    role, _, scope = text.partition("@")
    where = scope.partition(":")[2].replace("{", "the ").replace("}", "")
    return LABEL_OF_ROLE.get(role, role) + (f" for {where}" if where else "")


def _readable(text: str) -> str:
    for name, words in (
        ("application", "the application"),
        ("discipline", "of the discipline"),
        ("families", "of the discipline"),
    ):
        text = text.replace(f"{{{name}}}", words)
    return text


def _rules(request: HttpRequest, policy: ApprovalPolicy) -> dict[str, Any]:
    rules = policy.in_rules()
    return {
        "rules": [
            {
                "rule": rule,
                "but": _but(rule.excludes, rules),
                "when": _when(rule),
                "label": _readable(rule.label),
                "reason": _readable(rule.reason),
                "who": ", ".join(map(_who, rule.eligible)),
                "seats": ", ".join(map(_who, rule.seats)),
            }
            for rule in rules
        ]
    }


def _but(excludes: Sequence[str], rules: Sequence[Rule]) -> str:
    """Who does not sign a slot, in words: "not the owner of the change, not who signed …"."""
    labels = {f"{SIGNERS_OF}{stem_of(rule)}": _readable(rule.label) for rule in rules}
    return ", ".join(
        f"not who signed “{labels.get(text, text)}”"
        if text.startswith(SIGNERS_OF)
        else f"not the {text} of the change"
        for text in excludes
    )


def _try(request: HttpRequest, policy: ApprovalPolicy) -> dict[str, Any]:
    form = TryForm(request.GET if "risk_band" in request.GET else None, auto_id="try_%s")
    tried, rules = form.is_valid(), policy.in_rules()
    slots = slots_for(rules, form.facts()) if tried else ()
    return {
        "form": form,
        "tried": tried,
        "slots": [{"slot": slot, "but": _but(slot.excludes, rules)} for slot in slots],
    }


class PolicyRuleInline(PartInline):
    model = PolicyRule
    template = "admin/edit_inline/stacked.html"
    verbose_name = "rule"
    fieldsets = (
        (None, {"fields": (("code", "label"), "reason")}),
        ("Asks for", {"fields": ("eligible", ("slot", "seats"), ("quorum", "order"),
                                 ("sla_hours", "excludes"))}),
        ("When", {"fields": (("change_types", "risk_from"), ("families", "tiers"),
                             ("environments", "regulations"), "in_freeze", "after")}),
    )  # fmt: skip

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, ArrayField):
            kwargs |= words_input(db_field)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Readers have the table; the rows are there for those who edit them."""
        return self.has_change_permission(request, obj)


@admin.register(ApprovalPolicy, site=site)
class ApprovalPolicyAdmin(GovernedAdmin):
    order = 4
    create_service = policies.create_policy
    edit_service = policies.edit_policy
    step_up = True
    create_blockers = policies.policy_keeper_blockers
    edit_blockers = policies.policy_edit_blockers
    list_display = ("code", "name", "version_shown", "is_active", "changed")
    list_filter = ("is_active",)
    list_select_related = ()
    search_fields = ("code__icontains", "name__icontains")
    export_fields = ("code", "name", "is_active", "created_at", "changed_at")
    fields = ("code", "name", "is_active")
    inlines = (PolicyRuleInline,)
    panels = (
        Panel("Rules", "changes/_policy_rules.html", _rules, wide=True),
        Panel("Try it", "changes/_policy_try.html", _try, wide=True),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApprovalPolicy]:
        return policies_with_rules()

    def subheading(self, obj: ApprovalPolicy) -> str:
        return "Of the rules that ask for the same slot the highest requirement wins."

    def strip(self, request: HttpRequest, obj: ApprovalPolicy) -> Sequence[Fact]:
        return (
            Fact("Version", obj.stamp, "stamped into all that it asks"),
            Fact("In force", "Yes" if obj.is_active else "No"),
            Fact("Rules", len(obj.content)),
            Fact("Last change", display.when(obj.changed_at)),
        )

    @admin.display(description="Version", ordering="evidence_seq")
    def version_shown(self, obj: ApprovalPolicy) -> str:
        return f"v{obj.evidence_seq}"

    @admin.display(description="Last change", ordering="changed_at")
    def changed(self, obj: ApprovalPolicy) -> SafeString:
        return display.when(obj.changed_at)
