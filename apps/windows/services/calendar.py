"""Keep the calendar; the same contract as the other registers."""

from __future__ import annotations

from functools import partial

from apps.evidence.services.register import create_in_register, edit_in_register
from apps.windows.models import CalendarRule
from apps.windows.policies import keep_calendar_blockers

create_rule = partial(create_in_register, CalendarRule, check=keep_calendar_blockers)
edit_rule = partial(edit_in_register, CalendarRule, check=keep_calendar_blockers)
