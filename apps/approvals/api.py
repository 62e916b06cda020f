"""The conditions of signatures in the programming interface, to be read and met, never entered; and
why somebody may do something with a record, or may not."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, ClassVar

from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef
from apps.accounts.models import User
from apps.approvals.models import Obligation
from apps.approvals.moves import OBLIGATION_MOVES, Questions, moment_asked
from apps.core.api import Filter, key_of
from apps.core.errors import Refused, bad_input
from apps.evidence.api import PROBLEMS, GovernedSerializer, GovernedView, Moves, RecordView


class ObligationSerializer(GovernedSerializer):
    """A condition of an approval; work does not start before it is met. `about` is the subject of
    the record that was approved, such as "change:<id>"."""

    owner = PersonRef(read_only=True)
    set_by = PersonRef(read_only=True)
    met_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = Obligation
        fields = ("id", "version", "about", "text", "state", "owner", "set_by", "due_at", "met_at",
                  "met_by", "proof", "closed_reason", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class ObligationView(Moves, GovernedView):
    queryset = Obligation.objects.select_related("owner", "set_by", "met_by")
    serializer_class = ObligationSerializer
    moves = OBLIGATION_MOVES
    filters: ClassVar[tuple[Filter, ...]] = (
        Filter("state", choices=Obligation.State.choices),
        Filter("owner", "reference"),
        Filter("about", "text", help_text='The record that was approved, such as "change:<id>".'),
    )
    search_lookups = ("text__icontains",)
    orderings = ("-created_at", "created_at")
    export_columns = ("about", "text", "state", "owner", "set_by", "due_at", "met_at", "met_by",
                      "proof")  # fmt: skip


class FactSerializer(serializers.Serializer):
    """`evidence` is the record whose history proves it, such as "role_grant:<id>"."""

    code = serializers.CharField()
    effect = serializers.ChoiceField(choices=["admits", "excludes", "noted"])
    text = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    evidence = serializers.CharField()
    fix = serializers.CharField()
    who = serializers.CharField()


class EligibilitySerializer(serializers.Serializer):
    """`at` is the moment that was asked about, null for now."""

    user = PersonRef()
    action = serializers.CharField()
    at = serializers.DateTimeField(allow_null=True)
    may = serializers.BooleanField()
    facts = FactSerializer(many=True)


class Eligible(RecordView):
    """Adds the question about a person and an action: one of `questions`."""

    questions: ClassVar[Questions]

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "questions" in cls.__dict__:
            _document(cls)

    @action(detail=True, methods=["get"], url_path="eligibility", url_name="eligibility",
            filter_backends=[], pagination_class=None)  # fmt: skip
    def eligibility(self, request: Request, pk: str) -> Response:
        """Every fact that admits somebody to an action on this record, or excludes them; now, or
        at a moment that is past, as roles, delegations and teams were held then."""
        obj, actions = self.find(pk), self.questions.actions
        name = request.query_params.get("action", next(iter(_usual(actions))))
        if name not in actions:
            raise Refused(
                bad_input("action", f"There is no action {name[:40]!r}.",
                          f"Choose of: {', '.join(actions)}.", "invalid_choice")
            )  # fmt: skip
        user = person_asked(request.query_params.get("user", ""), request.user)
        at = moment_asked(request.query_params.get("at", ""))
        called = "You" if user.pk == request.user.pk else str(user)
        answer = self.questions.answer(obj, user, name, called=called, at=at)
        told = {"user": user, "action": name, "at": at, "may": answer.may, "facts": answer.facts}
        return Response(EligibilitySerializer(told).data)


def _usual(actions: Collection[str]) -> Iterator[str]:
    """What is asked where no action is named: approving, where that is one."""
    return (name for name in ("approve", *actions) if name in actions)


def _document(view: type[Eligible]) -> None:
    actions = view.questions.actions
    asked = [
        OpenApiParameter("user", str, description="User name or id; you, where left out."),
        OpenApiParameter("action", str, enum=list(actions), default=next(_usual(actions))),
        OpenApiParameter(
            "at", str, description="A past moment, ISO 8601; now, where left out. Without an "
            "offset it is one of the site's zone.",
        ),
    ]  # fmt: skip
    schema = extend_schema(
        parameters=asked, responses={200: EligibilitySerializer, **PROBLEMS}, filters=False
    )
    extend_schema_view(eligibility=schema)(view)


def person_asked(text: str, asker: Any) -> User:
    """The person with this user name or id; the one who asks, where nobody is named."""
    if not text:
        found: User = asker
        return found
    named = User.objects.filter(username=text[:150].replace("\0", "")).first()
    if named is not None:
        return named
    try:
        return User.objects.get(pk=key_of(text, "person"))
    except (Refused, User.DoesNotExist):
        raise Refused(bad_input("user", f"There is nobody called {text[:40]!r}.",
                                "Enter a user name.", "unknown_person")) from None  # fmt: skip
