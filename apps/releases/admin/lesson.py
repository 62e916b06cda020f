"""Lessons and reviews in the console."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.safestring import SafeString

from apps.console import display
from apps.console.admin import GovernedAdmin
from apps.console.page import Fact, Panel
from apps.console.site import site
from apps.core import clock
from apps.releases.domain import lifecycle as life
from apps.releases.domain.review import in_words
from apps.releases.models import Lesson, PostReview
from apps.releases.moves.lesson import LESSON_MOVES, REVIEW_MOVES
from apps.releases.policies import lesson as rules
from apps.releases.services import lessons, post_review


def _settled(request: HttpRequest, lesson: Lesson) -> dict[str, Any] | None:
    if not lesson.settled_text:
        return None
    return {"rows": [(f"{lesson.get_state_display()} by {lesson.settled_by}", lesson.settled_text)]}


@admin.register(Lesson, site=site)
class LessonAdmin(GovernedAdmin):
    order = 6
    moves = LESSON_MOVES
    route = (life.OPEN, life.DONE)
    create_service = lessons.enter_lesson
    edit_service = lessons.edit_lesson
    create_blockers = rules.write_blockers
    edit_blockers = rules.edit_blockers
    list_display = ("code_and_action", "state_shown", "category", "of", "owner", "due")
    list_display_links = ("code_and_action",)
    list_filter = ("state", "category")
    list_select_related = ("package", "window", "owner", "asset", "standard_template", "settled_by")
    search_fields = ("code__icontains", "what__icontains", "action__icontains")
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("package", "window", "owner", "standard_template", "asset")
    export_fields = ("code", "package", "window", "category", "what", "why", "action", "owner",
                     "due_on", "state", "settled_text")  # fmt: skip
    fieldsets = (
        (None, {"fields": (("package", "window"), "category", "what", "why")}),
        ("What comes of it", {"fields": ("action", ("owner", "due_on"))}),
        ("What is not used before it is done",
         {"fields": ("plan_template", "standard_template", "asset")}),
    )  # fmt: skip
    panels = (Panel("How it ended", "releases/_result.html", _settled, side=True),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("package", "window") if obj else ()

    def heading(self, obj: Lesson) -> SafeString:
        return display.joined(display.name(obj.code), obj.action[:80])

    def subheading(self, obj: Lesson) -> str:
        return obj.what[:200]

    def strip(self, request: HttpRequest, obj: Lesson) -> Sequence[Fact]:
        late = obj.state == life.OPEN and obj.due_on < clock.now().date()
        return (
            Fact("State", display.chip(obj.state), obj.get_category_display()),
            Fact("Learnt from", str(obj.package or obj.window)),
            Fact("Owner", str(obj.owner)),
            Fact("Due", display.when(obj.due_on), "overdue" if late else ""),
            Fact("Blocks", self.blocks(obj) if obj.state == life.OPEN else "nothing any more"),
        )

    def blocks(self, obj: Lesson) -> str:
        told = [str(each) for each in (obj.plan_template, obj.standard_template, obj.asset) if each]
        return ", ".join(told) or "nothing"

    @admin.display(description="Lesson", ordering="code")
    def code_and_action(self, obj: Lesson) -> SafeString:
        return display.joined(display.name(obj.code), obj.action[:100])

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: Lesson) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Learnt from", ordering="package__code")
    def of(self, obj: Lesson) -> SafeString:
        place: Any = obj.package or obj.window
        return display.name(place.code)

    @admin.display(description="Due", ordering="due_on")
    def due(self, obj: Lesson) -> SafeString:
        return display.when(obj.due_on)


def _numbers(request: HttpRequest, review: PostReview) -> dict[str, Any]:
    steps = [
        {**step, "under": -(step["over"] or 0), "early": -(step["late"] or 0)}
        for step in review.numbers["steps"]
    ]
    return {"sentences": in_words(review.numbers), "steps": steps}


@admin.register(PostReview, site=site)
class PostReviewAdmin(GovernedAdmin):
    order = 7
    moves = REVIEW_MOVES
    route = (life.DRAFT, life.COMPLETED)
    create_service = post_review.draft_review
    edit_service = post_review.edit_review
    create_blockers = rules.write_review_blockers
    edit_blockers = rules.edit_review_blockers
    list_display = ("package_shown", "state_shown", "outcome", "owner", "concluded")
    list_display_links = ("package_shown",)
    list_filter = ("state",)
    list_select_related = ("package", "owner", "concluded_by")
    search_fields = ("package__code__icontains", "package__name__icontains")
    ordering = ("-created_at", "-id")
    autocomplete_fields = ("package", "owner")
    export_fields = ("package", "state", "owner", "went_well", "went_badly", "conclusion",
                     "concluded_by", "concluded_at")  # fmt: skip
    fieldsets = (
        (None, {"fields": (("package", "owner"),)}),
        ("In words", {"fields": ("went_well", "went_badly", "conclusion")}),
    )
    panels = (Panel("The run in numbers", "releases/_run_numbers.html", _numbers, wide=True),)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("package",) if obj else ()

    def heading(self, obj: PostReview) -> SafeString:
        return display.joined(display.name(obj.package.code), "post-implementation review")

    def subheading(self, obj: PostReview) -> str:
        return obj.package.name

    def strip(self, request: HttpRequest, obj: PostReview) -> Sequence[Fact]:
        told = obj.numbers
        margin = told["margin_minutes"]
        return (
            Fact("Outcome", display.chip(told["outcome"]), obj.package.code),
            Fact("Work", f"{told['actual_minutes']} min", f"{told['planned_minutes']} planned"),
            Fact("Margin", "none" if margin is None else f"{margin} min", "to the cut-off"),
            Fact("Checks", f"{told['checks_passed']} of {told['checks_total']}", "passed"),
            Fact("Owner", str(obj.owner)),
            Fact("Completed by", str(obj.concluded_by or "nobody yet")),
        )

    @admin.display(description="Package", ordering="package__code")
    def package_shown(self, obj: PostReview) -> SafeString:
        return display.joined(display.name(obj.package.code), obj.package.name)

    @admin.display(description="State", ordering="state")
    def state_shown(self, obj: PostReview) -> SafeString:
        return display.chip(obj.state)

    @admin.display(description="Outcome")
    def outcome(self, obj: PostReview) -> SafeString:
        return display.chip(obj.numbers["outcome"])

    @admin.display(description="Completed", ordering="concluded_at")
    def concluded(self, obj: PostReview) -> SafeString:
        return display.when(obj.concluded_at)
