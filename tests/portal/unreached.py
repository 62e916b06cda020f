"""The events that the demo's night does not reach, and why it cannot.

It is the longest journey there is: from the inventory through board, packages and plan into the
middle of the night of W-2611, where it stands still at 00:40.
"""

from __future__ import annotations

UNREACHED: dict[str, str] = {
    "It comes after 00:40, where the demo stands, or in a night that goes wrong.": """
        activity.deviation_accepted activity.escalated activity.hold_released activity.let_start
        activity.paused activity.resumed activity.retried activity.skipped activity.substituted
        activity.verified activity.assigned activity.predecessor_taken_up alert.acknowledged
        alert.climbed alert.over backout_plan.failed check.inconclusive check.left_out
        check.repeated first_cycle_watch.accepted first_cycle_watch.deviated
        package.backout_failed  package.partially_completed
        package.regressed package.resumed package.steps_added run_issue.reopened
        run_issue.resolved step_job.seen step_job.unknown step_job.withdrawn window.aborted
         window.decided window.refreshed window_deviation.used
        change.given_back change.resumed""",
    "A worker makes the pack once the log is sealed; then somebody downloads it.": """
        pack.fetched pack.made""",
    "Somebody says no, or takes back what they said; the story of the demo goes well.": """
        approval.decision_withdrawn approval_policy.retired attestation.refused
        change.decision_withdrawn change.held change.night_moved change.phone_denied
        change.ratification_refused change.released change.returned meeting.item_pulled
        meeting.item_withdrawn meeting.recused obligation.doubted obligation.withdrawn
        risk_override.confirmed risk_override.proposed risk_override.refused waiver.revoked
        waiver.withdrawn window_deviation.approved window_deviation.refused
        window_deviation.requested window_deviation.signed plan_template.sent_back
        handover.returned handover.offered_again countersign.replaced""",
    "It corrects or ends what the demo keeps as it is.": """
        activity.edited activity.moved activity.recalled activity.timed asset.unrelated
        asset.updated asset.related backout_plan.edited backout_plan.invalidated
        backout_plan.revised calendar_feed.revoked change.cancelled change.edited
        change.edited_unasked check.edited check.recalled communication.dropped
        communication.edited delegation.revoked finding.assigned finding.reopened handover.edited
        lesson.dropped lesson.edited meeting.cancelled meeting.edited package.cancelled
        package.edited package.moved package.order_derived package.reopened package.replanned
        plan_template.durations_taken_over plan_template.edited plan_template.retired
        post_review.edited role_grant.ended run_issue.edited standard_template.edited
        standard_template.reactivated standard_template.retired team.edited team_shift.cancelled
        team_shift.changed user.deactivated window.cancelled window.edited window.moved
        window.rebooked window.reservation_given_up window.unlocked window_series.edited""",
    "A meeting decides it in the room; the demo's board has signed beforehand.": """
        meeting.consent_signed meeting.item_decided meeting.item_signed meeting.late_accepted
        waiver.signed""",
    "Reviews and feeds are made by hand in the console.": """
                     post_review.reckoned calendar_feed.created""",
    "An emergency by phone and its debts are a journey of their own (tests/changes).": """
        change.phone_approved change.ratified change.debt_waived change.unexplained""",
    "The clock or a worker does it, and the seed of the demo has neither.": """
        alert.raised approval.expired approval.lapsed system.approval_reminded
        system.capacity_warned system.readiness_chased system.readiness_reminded
        system.seal_warned waiver.expired window.reservation_expired window_deviation.expired""",
    "People sign in, take tokens and read files only in a browser.": """
        evidence.damaged evidence.exported evidence.read user.stepped_up user.token_created
        user.token_revoked""",
    "An auditor's findings go on, and populations are asked again, in the weeks after.": """
        audit_finding.accepted audit_finding.edited audit_finding.remediated audit_finding.reopened
        population.asked_again population.exported""",
    "The night after: checks of everything kept, and what was erased by law or term.": """
        evidence.checked evidence.purged evidence.redacted legal_hold.released redaction.refused""",
    "Only the sealer tells it (tests/evidence/test_sealing_keys.py).": """
        seal.epoch_opened seal.key_added seal.key_retired""",
}


def unreached() -> list[str]:
    return sorted(code for codes in UNREACHED.values() for code in codes.split())
