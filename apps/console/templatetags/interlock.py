"""Template tags over `apps.console.display`."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings
from django.http import HttpRequest

from apps.console import display
from apps.core import clock

register = template.Library()

register.simple_tag(display.chip, name="chip")
register.simple_tag(display.word, name="word")
register.simple_tag(display.tone_word, name="tone_word")
register.simple_tag(display.icon, name="icon")
register.simple_tag(display.gate, name="gate")
register.simple_tag(display.risk, name="risk")
register.simple_tag(display.severity, name="severity")
register.simple_tag(display.bar, name="bar")
register.simple_tag(display.when, name="when")
register.simple_tag(display.local, name="local")
register.filter("relative", display.relative)
register.filter("hhmm", display.hhmm)
register.filter("span_words", display.span_words)
register.filter("mono", display.name)


@register.simple_tag
def state_chip(obj: Any) -> str:
    """The chip of a record's state, in the words of its own lifecycle."""
    return display.chip(obj.state, getattr(obj, "get_state_display", str)())


@register.simple_tag
def demo_moment() -> dict[str, str]:
    """Day and time that the demo's clock shows; empty outside the demo."""
    if not settings.INTERLOCK_DEMO:
        return {}
    there = clock.now().astimezone(display.zone_of(None))
    return {"day": f"{there:%a} {there.day} {there:%b %Y}", "time": f"{there:%H:%M}"}


@register.simple_tag(takes_context=True)
def is_here(context: dict[str, Any], url: str) -> bool:
    """Whether the page shown is `url`."""
    request: HttpRequest | None = context.get("request")
    return request is not None and request.path == url
