from django.db import migrations

# code, label, alters, minutes, kind of team, exclusive kind of subsystem, irreversible, backout
OPS, INFRA = "operations", "infrastructure"
TYPES = (
    ("HOLD_JOB", "Hold jobs", False, 5, OPS, "", False, "RELEASE_JOB"),
    ("RELEASE_JOB", "Release jobs", True, 5, OPS, "", True, None),
    ("CLOSE_FILE", "Close CICS files", True, 5, INFRA, "", False, "OPEN_FILE"),
    ("OPEN_FILE", "Open CICS files", True, 5, INFRA, "", False, "CLOSE_FILE"),
    ("DISABLE_TRAN", "Disable transactions", True, 3, INFRA, "", False, "ENABLE_TRAN"),
    ("ENABLE_TRAN", "Enable transactions", True, 3, INFRA, "", False, "DISABLE_TRAN"),
    ("STOP_REGION", "Stop a CICS region", True, 15, INFRA, "cics_region", False, "START_REGION"),
    ("START_REGION", "Start a CICS region", True, 15, INFRA, "cics_region", False, "STOP_REGION"),
    ("STOP_DB2", "Stop Db2 objects", True, 5, INFRA, "", False, "START_DB2"),
    ("START_DB2", "Start Db2 objects", True, 5, INFRA, "", False, "STOP_DB2"),
    ("STOP_IMS_DB", "Stop an IMS database", True, 5, INFRA, "", False, "START_IMS_DB"),
    ("START_IMS_DB", "Start an IMS database", True, 5, INFRA, "", False, "STOP_IMS_DB"),
    ("QUIESCE_MQ", "Inhibit MQ puts", True, 5, INFRA, "", False, "QUIESCE_MQ"),
    ("BACKUP_LIB", "Archive libraries", False, 5, OPS, "", False, None),
    ("BACKUP_DATA", "Back up data", False, 20, INFRA, "", False, None),
    ("SCM_EXECUTE", "Execute the SCM package", True, 20, OPS, "scm", False, "SCM_EXECUTE"),
    ("COPY_LOAD", "Copy load modules", True, 5, OPS, "", False, "COPY_LOAD"),
    ("COPY_DBRM", "Copy DBRMs", True, 3, OPS, "", False, "COPY_DBRM"),
    ("COPY_JCL", "Copy JCL", True, 3, OPS, "", False, "COPY_JCL"),
    ("COPY_PROC", "Copy procedures", True, 3, OPS, "", False, "COPY_PROC"),
    ("COPY_PARM", "Copy control members", True, 3, OPS, "", False, "COPY_PARM"),
    ("LNKLST_UPDATE", "Update the link list", True, 5, INFRA, "", False, "LNKLST_UPDATE"),
    ("LLA_REFRESH", "Refresh library lookaside", True, 3, OPS, "lla", False, "LLA_REFRESH"),
    ("DDL", "Run DDL", True, 10, INFRA, "", False, "DDL"),
    ("REORG", "Reorganise a table space", True, 30, INFRA, "", False, "RECOVER_DATA"),
    ("RUNSTATS", "Collect statistics", False, 10, INFRA, "", False, None),
    ("BIND_PACKAGE", "Bind packages", True, 10, INFRA, "", False, "BIND_PACKAGE"),
    ("REBIND", "Rebind packages", True, 10, INFRA, "", False, "REBIND"),
    ("BIND_PLAN", "Bind a plan", True, 5, INFRA, "", False, "BIND_PLAN"),
    ("GRANT", "Grant privileges", True, 2, INFRA, "", False, "GRANT"),
    ("IDCAMS_DEFINE", "Define a VSAM cluster", True, 5, INFRA, "", False, "IDCAMS_DELETE"),
    ("IDCAMS_DELETE", "Delete a VSAM cluster", True, 5, INFRA, "", False, "IDCAMS_DEFINE"),
    ("GDG_DEFINE", "Define a generation data group", True, 3, INFRA, "", False, "IDCAMS_DELETE"),
    ("CONVERT_DATA", "Convert data", True, 30, INFRA, "", False, "RECOVER_DATA"),
    ("RECOVER_DATA", "Restore data from its copy", True, 30, INFRA, "", False, None),
    ("BLDINDEX", "Build an alternate index", True, 15, INFRA, "", False, None),
    ("LOAD_DATA", "Load data", True, 20, INFRA, "", False, "RECOVER_DATA"),
    ("DBDGEN", "Generate a DBD", True, 5, INFRA, "", False, "DBDGEN"),
    ("PSBGEN", "Generate a PSB", True, 5, INFRA, "", False, "PSBGEN"),
    ("ACBGEN", "Generate ACBs", True, 5, INFRA, "", False, "ACBGEN"),
    ("IMS_UNLOAD", "Unload an IMS database", False, 30, INFRA, "", False, None),
    ("IMS_RELOAD", "Reload an IMS database", True, 30, INFRA, "", False, "RECOVER_DATA"),
    ("IMS_OLC", "IMS online change", True, 10, INFRA, "ims", False, "IMS_OLC"),
    ("MQ_DEFINE", "Define MQ objects", True, 5, INFRA, "", False, "MQ_DEFINE"),
    ("CSD_UPDATE", "Update the CSD", True, 10, INFRA, "", False, "CSD_UPDATE"),
    ("CICS_INSTALL", "Install CICS definitions", True, 5, INFRA, "", False, "CICS_INSTALL"),
    ("NEWCOPY", "New copy of a program", True, 1, INFRA, "", False, "NEWCOPY"),
    ("PHASEIN", "Phase in a program", True, 1, INFRA, "", False, "PHASEIN"),
    ("SECURITY", "Change security profiles", True, 10, INFRA, "", False, "SECURITY"),
    ("SCHED_LOAD", "Load the schedule", True, 10, OPS, "", False, "SCHED_LOAD"),
    ("CALENDAR_UPDATE", "Update a calendar", True, 5, OPS, "", False, "CALENDAR_UPDATE"),
    ("PLAN_EXTEND", "Extend tonight's plan", True, 10, OPS, "scheduler", False, None),
    ("XFER_DEFINE", "Define a file transfer", True, 10, INFRA, "", False, "XFER_DEFINE"),
    ("SMOKE_JOB", "Run a test job", False, 10, "validation", "", False, None),
    ("SMOKE_ONLINE", "Test online", False, 10, "validation", "", False, None),
    ("RECON", "Reconcile totals", False, 10, "validation", "", False, None),
    ("VERIFY_MEMBER", "Compare member footprints", False, 5, "validation", "", False, None),
    ("DOWNSTREAM_CHECK", "Check what follows", False, 10, "validation", "", False, None),
    ("REPORT_CHECK", "Check a report", False, 10, "validation", "", False, None),
    ("GO_NO_GO", "Decide go or no-go", False, 15, "governance", "", False, None),
    ("SEND_FILE", "Send a file to a partner", True, 10, OPS, "", True, None),
    ("SCM_COMMIT", "Commit the SCM package", True, 5, OPS, "", True, None),
    ("COMMS", "Tell people", False, 5, "", "", False, None),
    ("MANUAL", "Other step", True, 5, "", "", False, "MANUAL"),
)
VALIDATE = {
    "SMOKE_JOB", "SMOKE_ONLINE", "RECON", "VERIFY_MEMBER", "DOWNSTREAM_CHECK", "REPORT_CHECK",
}  # fmt: skip


def seed(apps, schema_editor):  # noqa: ARG001 - the signature of RunPython
    model = apps.get_model("releases", "ActivityType")
    model.objects.bulk_create(
        [
            model(
                code=code,
                label=label,
                alters=alters,
                default_minutes=minutes,
                team_kind=team,
                exclusive_kind=exclusive,
                irreversible=irreversible,
                validates=code in VALIDATE,
                decides=code == "GO_NO_GO",
                default_backout_id=backout,
            )
            for code, label, alters, minutes, team, exclusive, irreversible, backout in TYPES
        ]
    )


class Migration(migrations.Migration):
    dependencies = [("releases", "0002_guards")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
