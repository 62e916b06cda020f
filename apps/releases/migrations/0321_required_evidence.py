from django.db import migrations

#: What a step of each type completes with. Types that are missing here ask for nothing beside what
#: the plan says: copies are compared by a check, and a test job's result is one.
REQUIRES = {
    # They run as a batch job.
    **dict.fromkeys(
        ("BACKUP_DATA", "SCM_EXECUTE", "DDL", "REORG", "RUNSTATS", "BIND_PACKAGE", "BIND_PLAN",
         "REBIND", "IDCAMS_DEFINE", "IDCAMS_DELETE", "GDG_DEFINE", "BLDINDEX", "DBDGEN", "PSBGEN",
         "ACBGEN", "CSD_UPDATE"),
        ["rc"],
    ),
    # As many records as before have to come out.
    **dict.fromkeys(
        ("CONVERT_DATA", "LOAD_DATA", "RECOVER_DATA", "IMS_UNLOAD", "IMS_RELOAD"),
        ["rc", "count"],
    ),
    "RECON": ["count"],
    # What has left the house cannot be called back.
    "SEND_FILE": ["log"],
    "SCM_COMMIT": ["log"],
    # One wrong line stops more than the application.
    "SECURITY": ["eyes"],
    "LNKLST_UPDATE": ["eyes"],
}  # fmt: skip


def seed(apps, schema_editor):  # noqa: ARG001 - the signature of RunPython
    model = apps.get_model("releases", "ActivityType")
    rows = list(model.objects.filter(code__in=REQUIRES))
    for row in rows:
        row.requires = REQUIRES[row.code]
    model.objects.bulk_update(rows, ["requires"])


class Migration(migrations.Migration):
    dependencies = [("releases", "0320_night_gaps")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
