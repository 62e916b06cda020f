"""The database's roles, as SQL. They belong to the cluster, so that they are made once for all
its databases; what they may do in one is in the migrations of that database."""

from __future__ import annotations

#: Web processes; what this role may, the workers may too.
APP = "interlock_app"
#: Worker and beat: a login of its own with the rights of the application.
WORKER = "interlock_worker"
#: The sealer: reads the ledger, and alone inserts leaves, checkpoints and alarms.
SEALER = "interlock_sealer"
ROLES = (APP, WORKER, SEALER)

#: Makes what is missing; harmless when run again or by several at once.
CREATE_ROLES = (
    "DO $$ BEGIN\n"
    + "".join(
        f"IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{role}') THEN\n"
        f"    BEGIN CREATE ROLE {role} NOLOGIN;\n"
        f"    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;\n"
        f"END IF;\n"
        for role in ROLES
    )
    + f"IF NOT pg_has_role('{WORKER}', '{APP}', 'MEMBER') THEN\n"
    f"    BEGIN GRANT {APP} TO {WORKER};\n"
    f"    EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END;\n"
    f"END IF;\n"
    "END $$;\n"
)
