from django.db import migrations

# code, label, family, how names are spelled, what the qualifier is
TYPES = (
    ("program_batch", "Batch program", "program", "member", "load library"),
    ("program_cics", "CICS program", "program", "member", "load library"),
    ("program_ims", "IMS program", "program", "member", "load library"),
    ("subprogram", "Subprogram", "program", "member", "load library"),
    ("load_module", "Load module", "program", "member", "load library"),
    ("assembler", "Assembler program", "program", "member", "load library"),
    ("ddname", "DD name of a program", "program", "ddname", ""),
    ("copybook", "Copybook", "source", "member", "copy library"),
    ("include", "Include", "source", "member", "copy library"),
    ("dclgen", "DCLGEN", "source", "member", "copy library"),
    ("macro", "Macro", "source", "member", "macro library"),
    ("linkcard", "Link card", "source", "member", "link library"),
    ("job", "Job", "jcl", "member", "JCL library"),
    ("proc", "Procedure", "jcl", "member", "procedure library"),
    ("include_jcl", "JCL include", "jcl", "member", "procedure library"),
    ("control_card", "Control card", "jcl", "member", "control library"),
    ("dataset", "Data set", "data", "dataset", "catalog"),
    ("gdg", "Generation data group", "data", "dataset", "catalog"),
    ("vsam", "VSAM cluster", "data", "dataset", "catalog"),
    ("vsam_aix", "VSAM alternate index", "data", "dataset", "catalog"),
    ("catalog_alias", "Catalog alias", "data", "dataset", "catalog"),
    ("db2_table", "Db2 table", "db2", "db2", "Db2 subsystem"),
    ("db2_tablespace", "Db2 table space", "db2", "db2", "Db2 subsystem"),
    ("db2_index", "Db2 index", "db2", "db2", "Db2 subsystem"),
    ("db2_view", "Db2 view", "db2", "db2", "Db2 subsystem"),
    ("db2_dbrm", "DBRM", "db2", "db2", "DBRM library"),
    ("db2_package", "Db2 package", "db2", "db2", "Db2 subsystem"),
    ("db2_plan", "Db2 plan", "db2", "member", "Db2 subsystem"),
    ("db2_proc", "Db2 stored procedure", "db2", "db2", "Db2 subsystem"),
    ("db2_ddl", "Db2 DDL source", "db2", "free", "library"),
    ("db2_trigger", "Db2 trigger", "db2", "db2", "Db2 subsystem"),
    ("cics_transaction", "CICS transaction", "cics", "transaction", "region or group"),
    ("cics_program_def", "CICS program definition", "cics", "member", "region or group"),
    ("cics_mapset", "CICS map set", "cics", "member", "region or group"),
    ("cics_map", "CICS map", "cics", "member", "map set"),
    ("cics_file", "CICS file", "cics", "member", "region or group"),
    ("cics_tdq_tsq", "CICS queue", "cics", "member", "region or group"),
    ("cics_urimap", "CICS URI map", "cics", "member", "region or group"),
    ("cics_db2entry", "CICS Db2 entry", "cics", "member", "region or group"),
    ("cics_library", "CICS library", "cics", "member", "region or group"),
    ("csd_group", "CSD group", "cics", "member", "CSD"),
    ("ims_dbd", "IMS database (DBD)", "ims", "member", "IMS system"),
    ("ims_psb", "IMS program specification (PSB)", "ims", "member", "IMS system"),
    ("ims_acb", "IMS ACB", "ims", "member", "IMS system"),
    ("ims_transaction", "IMS transaction", "ims", "member", "IMS system"),
    ("mq_queue", "MQ queue", "mq", "mq", "queue manager"),
    ("mq_channel", "MQ channel", "mq", "mq", "queue manager"),
    ("mq_process", "MQ process", "mq", "mq", "queue manager"),
    ("mq_topic", "MQ topic", "mq", "mq", "queue manager"),
    ("scheduler_entry", "Scheduler entry", "scheduler", "free", "scheduler or folder"),
    ("scheduler_calendar", "Scheduler calendar", "scheduler", "free", "scheduler"),
    ("scheduler_resource", "Scheduler resource", "scheduler", "free", "scheduler"),
    ("interface", "Interface", "exchange", "free", "partner"),
    ("report", "Report", "exchange", "free", "partner"),
    ("api", "API", "exchange", "free", "partner"),
    ("loadlib", "Load library", "platform", "dataset", ""),
    ("parmlib_member", "PARMLIB member", "platform", "member", "library"),
    ("racf_profile", "RACF profile", "platform", "free", "class"),
    ("started_task", "Started task", "platform", "member", "library"),
    ("business_service", "Business service", "service", "free", ""),
)


def seed(apps, schema_editor):  # noqa: ARG001 - the signature of RunPython
    model = apps.get_model("inventory", "AssetType")
    model.objects.bulk_create(
        [
            model(code=code, label=label, family=family, name_pattern=pattern, qualifier_label=what)
            for code, label, family, pattern, what in TYPES
        ],
        ignore_conflicts=True,
    )


class Migration(migrations.Migration):
    dependencies = [("inventory", "0002_guards")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
