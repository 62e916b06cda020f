"""Lessons, reviews, release notes and outcomes over HTTP."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.accounts.api import PersonRef
from apps.core import clock
from apps.core.api import Filter, StrictSerializer, WriteSerializer
from apps.core.errors import bad_input, refuse_if_any
from apps.evidence.api import PROBLEMS, Edits, GovernedSerializer, GovernedView, Moves, RecordView
from apps.releases.domain import lifecycle as life
from apps.releases.domain.outcomes import WAYS
from apps.releases.domain.release_notes import Notes, as_markdown
from apps.releases.domain.review import in_words
from apps.releases.models import Lesson, PostReview
from apps.releases.moves.lesson import LESSON_MOVES, REVIEW_MOVES
from apps.releases.services import lessons, post_review
from apps.releases.services.outcomes import releases_between

#: Days that the outcomes tell of where nobody asks for others.
DAYS = 90


class LessonSerializer(GovernedSerializer):
    """While it is open, `plan_template` (a code), `standard_template` and `asset` are not used
    again by other packages."""

    owner = PersonRef(read_only=True)
    settled_by = PersonRef(read_only=True, allow_null=True)

    class Meta:
        model = Lesson
        fields = ("id", "version", "code", "package", "window", "category", "what", "why", "action",
                  "owner", "due_on", "plan_template", "standard_template", "asset", "state",
                  "settled_text", "settled_by", "settled_at", "created_at",
                  "changed_at")  # fmt: skip
        read_only_fields = fields


class LessonWriteSerializer(WriteSerializer):
    class Meta:
        model = Lesson
        fields = lessons.CREATABLE_FIELDS


class LessonView(Moves, Edits, GovernedView):
    queryset = Lesson.objects.select_related("owner", "settled_by")
    serializer_class = LessonSerializer
    write_serializer = LessonWriteSerializer
    create_service = lessons.enter_lesson
    edit_service = lessons.edit_lesson
    moves = LESSON_MOVES
    filters = (
        Filter("state", choices=life.LESSON_STATES),
        Filter("category", choices=Lesson.Category.choices),
        Filter("package", "reference"),
        Filter("window", "reference"),
        Filter("owner", "reference"),
    )
    search_lookups = ("code__icontains", "what__icontains", "action__icontains")
    orderings = ("-created_at", "created_at")
    export_columns = ("code", "category", "what", "why", "action", "owner", "due_on", "state",
                      "settled_text")  # fmt: skip


class PostReviewSerializer(GovernedSerializer):
    """`numbers` are those of the run; `sentences` tell them."""

    owner = PersonRef(read_only=True)
    concluded_by = PersonRef(read_only=True, allow_null=True)
    numbers = serializers.DictField(read_only=True)
    sentences = serializers.SerializerMethodField()

    class Meta:
        model = PostReview
        fields = ("id", "version", "package", "owner", "numbers", "sentences", "went_well",
                  "went_badly", "conclusion", "state", "concluded_by", "concluded_at", "created_at",
                  "changed_at")  # fmt: skip
        read_only_fields = fields

    def get_sentences(self, review: PostReview) -> list[str]:
        return in_words(review.numbers)


class PostReviewWriteSerializer(WriteSerializer):
    class Meta:
        model = PostReview
        fields = post_review.CREATABLE_FIELDS


class PostReviewView(Moves, Edits, GovernedView):
    """Reviews after the run. POST drafts one with the numbers of the package's run."""

    queryset = PostReview.objects.select_related("package", "owner", "concluded_by")
    serializer_class = PostReviewSerializer
    write_serializer = PostReviewWriteSerializer
    create_service = post_review.draft_review
    edit_service = post_review.edit_review
    moves = REVIEW_MOVES
    filters = (
        Filter("state", choices=life.REVIEW_STATES),
        Filter("package", "reference"),
    )
    search_lookups = ("package__code__icontains", "package__name__icontains")
    orderings = ("-created_at", "created_at")
    export_columns = ("package.code", "state", "owner", "went_well", "went_badly", "conclusion",
                      "concluded_at")  # fmt: skip


class NotesSerializer(serializers.Serializer):
    """`markdown` is the whole text; `known_errors` what is not as it should be."""

    title = serializers.CharField()
    when = serializers.CharField()
    outcome = serializers.CharField()
    services = serializers.ListField(child=serializers.CharField())
    known_errors = serializers.ListField(child=serializers.CharField(), source="known")
    markdown = serializers.SerializerMethodField()

    def get_markdown(self, notes: Notes) -> str:
        return as_markdown(notes)


class Noted(RecordView):
    """Adds the release notes of a package or a window; `notes_of` reads them."""

    notes_of: Any

    @extend_schema(responses={200: NotesSerializer, **PROBLEMS}, filters=False)
    @action(detail=True, methods=["get"], url_path="release-notes", url_name="release-notes",
            filter_backends=[], pagination_class=None)  # fmt: skip
    def release_notes(self, request: Request, pk: str) -> Response:
        """What people outside the night need to know, as it is now."""
        return Response(NotesSerializer(type(self).notes_of(self.find(pk))).data)


class PeriodSerializer(StrictSerializer):
    """Days on the portal's wall clock, both included; without them the last ninety."""

    first_day = serializers.DateField(required=False)
    last_day = serializers.DateField(required=False)

    def validate(self, told: dict[str, Any]) -> dict[str, Any]:
        refuse_if_any(
            bad_input(name, "No release is of that year.", "Enter a day such as 2026-11-21.")
            for name, day in told.items()
            if not clock.is_conceivable(day)
        )
        return told


class ReleasedSerializer(serializers.Serializer):
    id = serializers.UUIDField(source="key")
    code = serializers.CharField()
    name = serializers.CharField()
    way = serializers.ChoiceField(choices=[*WAYS.items()])
    cause = serializers.CharField()
    text = serializers.CharField()
    window = serializers.CharField()
    at = serializers.DateTimeField()
    outcome = serializers.CharField()


class OutcomesView(APIView):
    @extend_schema(
        parameters=[PeriodSerializer], responses={200: ReleasedSerializer(many=True), **PROBLEMS}
    )
    def get(self, request: Request) -> Response:
        """Packages that failed, were backed out, delayed or emergencies, one row for each way."""
        asked = PeriodSerializer(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        zone = ZoneInfo(settings.INTERLOCK_ZONE)
        last = asked.validated_data.get("last_day") or clock.now().astimezone(zone).date()
        first = asked.validated_data.get("first_day") or last - timedelta(days=DAYS)
        begin = datetime.combine(first, time(), zone)
        end = datetime.combine(last + timedelta(days=1), time(), zone)
        return Response(ReleasedSerializer(releases_between(begin, end), many=True).data)
