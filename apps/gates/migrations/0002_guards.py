from django.db import migrations

from apps.evidence.guards import AppendOnly, GuardState

ATTESTATION_MOVES = (
    "confirmed>superseded",
    "refused>superseded",
    "submitted>confirmed",
    "submitted>refused",
    "submitted>superseded",
)
WAIVER_MOVES = (
    "requested>approved",
    "requested>refused",
    "requested>withdrawn",
    "requested>expired",
    "approved>revoked",
    "approved>expired",
)

# Nobody signs what they asked for, whatever the program says.
NOT_BY_REQUESTER = """
ALTER TABLE gates_waiver ADD CONSTRAINT gates_waiver_not_by_requester
    CHECK (NOT (requested_by_id = ANY (signers)));
ALTER TABLE gates_waiver ADD CONSTRAINT gates_waiver_reason_told
    CHECK (char_length(reason) >= 40 AND risk_statement <> '' AND compensating_control <> '');
"""
BY_ANYBODY = """
ALTER TABLE gates_waiver DROP CONSTRAINT gates_waiver_not_by_requester;
ALTER TABLE gates_waiver DROP CONSTRAINT gates_waiver_reason_told;
"""


class Migration(migrations.Migration):
    dependencies = [("gates", "0001_initial"), ("evidence", "0002_guards")]

    operations = [
        migrations.RunSQL(NOT_BY_REQUESTER, BY_ANYBODY),
        GuardState(
            "attestation", label="attestation", initial="submitted", moves=ATTESTATION_MOVES
        ),
        GuardState("gateprofile", label="gate_profile"),
        GuardState("waiver", label="waiver", initial="requested", moves=WAIVER_MOVES),
        AppendOnly("historicalattestation"),
        AppendOnly("historicalgateprofile"),
        AppendOnly("historicalwaiver"),
    ]
