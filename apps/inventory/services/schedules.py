"""Keep the batch cycles and the jobs' timetables; the same contract as the other registers."""

from __future__ import annotations

from functools import partial

from apps.evidence.services.register import create_in_register, edit_in_register
from apps.inventory.models import BatchCycle, JobSchedule
from apps.inventory.policies import keep_assets_blockers, keep_landscape_blockers

create_batch_cycle = partial(create_in_register, BatchCycle, check=keep_landscape_blockers)
edit_batch_cycle = partial(edit_in_register, BatchCycle, check=keep_landscape_blockers)
create_job_schedule = partial(create_in_register, JobSchedule, check=keep_assets_blockers)
edit_job_schedule = partial(edit_in_register, JobSchedule, check=keep_assets_blockers)
