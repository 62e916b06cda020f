"""Batch cycles and the jobs' timetables in the programming interface."""

from __future__ import annotations

from rest_framework import serializers

from apps.accounts.api import TeamRef
from apps.core.api import Filter, WriteSerializer
from apps.evidence.api import Edits, GovernedSerializer, GovernedView
from apps.inventory.api.assets import AssetRef
from apps.inventory.models import BatchCycle, JobSchedule
from apps.inventory.services import schedules


class BatchCycleSerializer(GovernedSerializer):
    site = serializers.CharField(source="site.code", read_only=True)
    first_job = AssetRef(read_only=True, allow_null=True)
    owner_team = TeamRef(read_only=True, allow_null=True)

    class Meta:
        model = BatchCycle
        fields = ("id", "version", "code", "name", "site", "first_job", "latest_start", "end_by",
                  "new_day_at", "owner_team", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class BatchCycleWriteSerializer(WriteSerializer):
    class Meta:
        model = BatchCycle
        fields = ("code", "name", "site", "first_job", "latest_start", "end_by", "new_day_at",
                  "owner_team")  # fmt: skip


class BatchCycleView(Edits, GovernedView):
    """Nightly networks of jobs; times are those of the site's wall clock."""

    queryset = BatchCycle.objects.select_related("site", "first_job", "owner_team")
    serializer_class = BatchCycleSerializer
    write_serializer = BatchCycleWriteSerializer
    create_service = schedules.create_batch_cycle
    edit_service = schedules.edit_batch_cycle
    filters = (Filter("code", "text"), Filter("site", "reference"))
    search_lookups = ("code__icontains", "name__icontains")
    orderings = ("code", "-code")
    export_columns = ("code", "name", "site.code", "first_job.name", "latest_start", "end_by",
                      "new_day_at", "owner_team.code")  # fmt: skip


class JobScheduleSerializer(GovernedSerializer):
    job = AssetRef(read_only=True)
    cycle = serializers.CharField(source="cycle.code", read_only=True, default=None,
                                  allow_null=True)  # fmt: skip

    class Meta:
        model = JobSchedule
        fields = ("id", "version", "job", "cycle", "days", "start_time", "repeat_minutes",
                  "repeat_until", "elapsed_minutes", "elapsed_p90_minutes", "is_critical",
                  "is_on_demand", "created_at", "changed_at")  # fmt: skip
        read_only_fields = fields


class JobScheduleWriteSerializer(WriteSerializer):
    class Meta:
        model = JobSchedule
        fields = ("job", "cycle", "days", "start_time", "repeat_minutes", "repeat_until",
                  "elapsed_minutes", "elapsed_p90_minutes", "is_critical",
                  "is_on_demand")  # fmt: skip


class JobScheduleView(Edits, GovernedView):
    """When each job starts and how long it takes; days and times are those of its cycle's site."""

    queryset = JobSchedule.objects.select_related("job", "cycle")
    serializer_class = JobScheduleSerializer
    write_serializer = JobScheduleWriteSerializer
    create_service = schedules.create_job_schedule
    edit_service = schedules.edit_job_schedule
    filters = (
        Filter("job", "reference"),
        Filter("cycle", "reference"),
        Filter("is_critical", "boolean"),
        Filter("is_on_demand", "boolean"),
    )
    search_lookups = ("job__name__icontains",)
    export_columns = ("job.name", "cycle.code", "days", "start_time", "repeat_minutes",
                      "repeat_until", "elapsed_minutes", "elapsed_p90_minutes", "is_critical",
                      "is_on_demand")  # fmt: skip
