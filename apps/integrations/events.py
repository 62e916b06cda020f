"""What can be said of jobs of other systems."""

from apps.evidence.events import Event

JOB_REPORTED = Event("step_job.reported", "Named the job that the step runs")
JOB_SEEN = Event("step_job.seen", "Saw how the job is")
JOB_UNKNOWN = Event("step_job.unknown", "The system knows no such job")
JOB_WITHDRAWN = Event("step_job.withdrawn", "Took the job back: it was not that of the step")
