"""Why may somebody, or may not: the facts, over the programming interface."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apps.accounts.api import PersonRef
from apps.accounts.models import User
from apps.changes.moves import ACTIONS, answer_about
from apps.core.api import key_of
from apps.core.errors import Refused, bad_input
from apps.evidence.api import PROBLEMS, RecordView


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
    user = PersonRef()
    action = serializers.ChoiceField(choices=list(ACTIONS))
    may = serializers.BooleanField()
    facts = FactSerializer(many=True)


class Eligible(RecordView):
    """Adds the question about a person and an action."""

    @extend_schema(
        parameters=[
            OpenApiParameter("user", str, description="User name or id; you, where left out."),
            OpenApiParameter("action", str, enum=list(ACTIONS), default="approve"),
        ],
        responses={200: EligibilitySerializer, **PROBLEMS},
        filters=False,
    )
    @action(detail=True, methods=["get"], url_path="eligibility", url_name="eligibility",
            filter_backends=[], pagination_class=None)  # fmt: skip
    def eligibility(self, request: Request, pk: str) -> Response:
        """Every fact that admits somebody to an action on this change, or excludes them."""
        change, name = self.find(pk), request.query_params.get("action", "approve")
        if name not in ACTIONS:
            raise Refused(
                bad_input("action", f"There is no action {name[:40]!r}.",
                          f"Choose of: {', '.join(ACTIONS)}.", "invalid_choice")
            )  # fmt: skip
        user = person_asked(request.query_params.get("user", ""), request.user)
        called = "You" if user.pk == request.user.pk else str(user)
        answer = answer_about(change, user, name, called=called)
        told = {"user": user, "action": name, "may": answer.may, "facts": answer.facts}
        return Response(EligibilitySerializer(told).data)


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
