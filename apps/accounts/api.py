"""Who calls: tokens, step-up, and who one is; who decides for whom, and who is on shift."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, ClassVar, cast

from django.contrib.auth import authenticate
from django.db.models import QuerySet
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.permissions import AllowAny, BasePermission, IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from apps.accounts.domain.authority import DELEGABLE
from apps.accounts.domain.roles import LABEL_OF_ROLE
from apps.accounts.models import ApiToken, Delegation, Team, TeamShift, User
from apps.accounts.moves import DELEGATION_MOVES, SHIFT_MOVES
from apps.accounts.selectors import actor_for
from apps.accounts.services.delegations import delegate_role
from apps.accounts.services.roster import change_shift, enter_shift
from apps.accounts.services.tokens import create_token, revoke_token, step_up_token
from apps.core.api import Filter, StrictSerializer, WriteSerializer, actor_of
from apps.core.errors import Blocker, Refused
from apps.evidence.api import PROBLEMS, Creates, Edits, GovernedSerializer, GovernedView, Moves

HOURS_AT_MOST = 90 * 24


class PersonRef(serializers.ModelSerializer):
    name = serializers.CharField(source="__str__", read_only=True)

    class Meta:
        model = User
        fields = ("id", "username", "name")
        read_only_fields = fields


class TeamRef(serializers.ModelSerializer):
    class Meta:
        model = Team
        fields = ("id", "code", "name")
        read_only_fields = fields


class TokenSerializer(serializers.ModelSerializer):
    """`key` is the public part of a token, by which it is recognised and revoked."""

    key = serializers.CharField(source="token_key", read_only=True)
    created_at = serializers.DateTimeField(source="created", read_only=True)
    expires_at = serializers.DateTimeField(source="expiry", read_only=True)

    class Meta:
        model = ApiToken
        fields: tuple[str, ...] = ("key", "name", "created_at", "expires_at", "last_used_at")
        read_only_fields: tuple[str, ...] = fields


class NewTokenSerializer(TokenSerializer):
    """The token itself, which is shown this once."""

    token = serializers.CharField(read_only=True)

    class Meta(TokenSerializer.Meta):
        fields = (*TokenSerializer.Meta.fields, "token")
        read_only_fields = fields


class TokenRequestSerializer(StrictSerializer):
    username = serializers.CharField(max_length=150)
    password = serializers.CharField(max_length=4096, trim_whitespace=False)
    name = serializers.CharField(max_length=60, help_text="What it is used for.")
    hours = serializers.IntegerField(default=12, min_value=1, max_value=HOURS_AT_MOST)


class StepUpSerializer(StrictSerializer):
    password = serializers.CharField(max_length=4096, trim_whitespace=False)


class StepUpDoneSerializer(serializers.Serializer):
    auth_at = serializers.DateTimeField()


class RoleSerializer(serializers.Serializer):
    role = serializers.CharField()
    scope = serializers.CharField()


class MeSerializer(serializers.Serializer):
    id = serializers.UUIDField()
    username = serializers.CharField()
    name = serializers.CharField()
    kind = serializers.ChoiceField(choices=User.Kind.choices)
    manager = PersonRef(allow_null=True)
    roles = RoleSerializer(many=True)
    teams = serializers.ListField(child=serializers.CharField())
    auth_at = serializers.DateTimeField(allow_null=True)


class BearerScheme(OpenApiAuthenticationExtension):
    target_class = "apps.accounts.services.authentication.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer", "description": "A token of POST /tokens/."}


class TokenView(ViewSet):
    """One's own tokens. To make one takes the password; failures count as failed sign-ins."""

    lookup_field = "key"
    lookup_value_regex = "[A-Za-z0-9_]+"

    def get_permissions(self) -> list[BasePermission]:
        return [AllowAny()] if self.action == "create" else [IsAuthenticated()]

    def get_authenticators(self) -> list[BaseAuthentication]:
        # Making a token takes the password; a session's cookie shall neither help nor hinder.
        making = self.request is not None and self.request.method == "POST"
        return [] if making else super().get_authenticators()

    def get_authenticate_header(self, request: Request) -> str:
        return "Bearer"

    def _own(self, request: Request) -> QuerySet[ApiToken]:
        return ApiToken.objects.filter(user=request.user.pk)

    @extend_schema(responses={200: TokenSerializer(many=True), **PROBLEMS})
    def list(self, request: Request) -> Response:
        """Your tokens; never their text."""
        return Response(TokenSerializer(self._own(request), many=True).data)

    @extend_schema(
        request=TokenRequestSerializer, responses={201: NewTokenSerializer, **PROBLEMS}, auth=[]
    )
    def create(self, request: Request) -> Response:
        """Make a personal token for your user name and password."""
        serializer = TokenRequestSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        asked = serializer.validated_data
        user = _proved(request, asked["username"], asked["password"])
        if user is None:
            raise AuthenticationFailed("This user name and password are not accepted.")
        token, text = create_token(
            pk=user.pk,
            actor=actor_for(user, channel="api", request=request._request),
            name=asked["name"],
            lifetime=timedelta(hours=asked["hours"]),
        )
        return Response({**TokenSerializer(token).data, "token": text}, 201)

    @extend_schema(
        parameters=[OpenApiParameter("key", str, OpenApiParameter.PATH)],
        responses={204: None, **PROBLEMS},
    )
    def destroy(self, request: Request, key: str) -> Response:
        """Revoke one of your tokens."""
        actor = actor_of(request)
        assert actor.id is not None
        revoke_token(pk=actor.id, actor=actor, token=key)
        return Response(status=204)


class StepUpView(APIView):
    """Prove again who you are: decisions with this token are open for five minutes."""

    @extend_schema(request=StepUpSerializer, responses={200: StepUpDoneSerializer, **PROBLEMS})
    def post(self, request: Request) -> Response:
        serializer = StepUpSerializer(data=request.data)
        serializer.is_valid(raise_exception=True)
        if not isinstance(request.auth, ApiToken):
            raise Refused(
                Blocker("token_needed", "A step-up here belongs to a token.",
                        "Call it with your personal token.", "you", kind="permission")
            )  # fmt: skip
        user = cast(User, request.user)
        if _proved(request, user.username, serializer.validated_data["password"]) != user:
            raise Refused(
                Blocker("wrong_password", "That is not your password. Nothing was done.",
                        "Try again; too many failures lock the account for a while.", "you",
                        kind="permission", field="password")
            )  # fmt: skip
        token = step_up_token(request.auth, actor_of(request))
        return Response({"auth_at": token.auth_at})


class MeView(APIView):
    """Who you are to the portal: manager, roles with their scopes, teams, last proof of who
    you are."""

    @extend_schema(responses={200: MeSerializer, **PROBLEMS})
    def get(self, request: Request) -> Response:
        actor = actor_of(request)
        told = {
            "id": actor.id,
            "username": actor.username,
            "name": actor.printed_name,
            "kind": actor.kind,
            "manager": cast(User, request.user).manager,
            "roles": [{"role": h.role, "scope": h.scope} for h in sorted(actor.roles)],
            "teams": sorted(actor.teams),
            "auth_at": actor.auth_at,
        }
        return Response(MeSerializer(told).data)


class DelegationSerializer(GovernedSerializer):
    """That `delegate` decides for `delegator` between two moments, unless it was revoked."""

    delegator = PersonRef(read_only=True)
    delegate = PersonRef(read_only=True)

    class Meta:
        model = Delegation
        fields = ("id", "version", "delegator", "delegate", "role", "scope", "starts_at",
                  "ends_at", "reason", "revoked_at", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class DelegationWriteSerializer(WriteSerializer):
    """One's own role, for somebody else; from now on where no beginning is told."""

    class Meta:
        model = Delegation
        fields = ("delegate", "role", "scope", "starts_at", "ends_at", "reason")
        extra_kwargs: ClassVar[dict[str, Any]] = {"starts_at": {"required": False}}


class DelegationView(Moves, Creates, GovernedView):
    queryset = Delegation.objects.select_related("delegator", "delegate")
    serializer_class = DelegationSerializer
    write_serializer = DelegationWriteSerializer
    create_service = delegate_role
    step_up = True
    moves = DELEGATION_MOVES
    filters = (
        Filter("delegator", "reference"),
        Filter("delegate", "reference"),
        Filter("role", choices=[(role, LABEL_OF_ROLE[role]) for role in DELEGABLE]),
    )
    search_lookups = ("delegator__username__icontains", "delegate__username__icontains")
    orderings = ("-starts_at", "starts_at")
    export_columns = ("delegator", "delegate", "role", "scope", "starts_at", "ends_at",
                      "reason", "revoked_at")  # fmt: skip

    def entered(self, values: dict[str, Any]) -> dict[str, Any]:
        return values


class TeamShiftSerializer(GovernedSerializer):
    """That `person` is on shift for `team` from one moment until another, unless cancelled."""

    team = TeamRef(read_only=True)
    person = PersonRef(read_only=True)

    class Meta:
        model = TeamShift
        fields = ("id", "version", "team", "person", "starts_at", "ends_at", "role", "phone",
                  "cancelled_at", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class TeamShiftWriteSerializer(WriteSerializer):
    class Meta:
        model = TeamShift
        fields = ("team", "person", "starts_at", "ends_at", "role", "phone")


class TeamShiftView(Moves, Edits, GovernedView):
    """The rosters: who of which team is on shift when."""

    queryset = TeamShift.objects.select_related("team", "person")
    serializer_class = TeamShiftSerializer
    write_serializer = TeamShiftWriteSerializer
    create_service = enter_shift
    edit_service = change_shift
    moves = SHIFT_MOVES
    filters = (
        Filter("team", "reference"),
        Filter("person", "reference"),
        Filter("role", choices=TeamShift.Role.choices),
    )
    search_lookups = ("team__code__icontains", "person__username__icontains")
    orderings = ("-starts_at", "starts_at")
    export_columns = ("team", "person.username", "person", "starts_at", "ends_at", "role",
                      "phone", "cancelled_at")  # fmt: skip


def _proved(request: Request, username: str, password: str) -> User | None:
    """The active user with this password; guesses are counted, and too many are locked out."""
    user: Any = authenticate(request._request, username=username, password=password)
    if getattr(request._request, "axes_locked_out", False):
        # Otherwise the middleware puts a page in the place of our answer.
        request._request.axes_locked_out = False  # type: ignore[attr-defined]
        raise Throttled(detail="There were too many failures. Wait a quarter of an hour.")
    return user if isinstance(user, User) else None
