"""Load many changes at once: as the owner of the tables, past the guards, never in a real portal.

Every row is a copy of one that the services made, with its own key, code, title, state, people and
age, and one line of scope. Entries and histories are not loaded: lists do not read them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from django.db import connection, transaction
from django.db.models import Model

from apps.changes.models import ChangeAsset, ChangeRequest
from bench.world import Bank

#: One title in seven says the first; forty titles, however many there are, say the second.
COMMON, RARE = "ledger", "dormant archive"
NOUNS = (COMMON, "interest", "statement", "card", "limit", "posting", "archive")

_CHANGE = {
    "id": "gen_random_uuid()",
    "code": "'B' || lpad(n::text, 8, '0')",
    "title": "CASE WHEN n %% greatest(%(rows)s / 40, 1) = 0 THEN 'Retire the "
    + RARE
    + " ' || n ELSE format('%%s %%s record, step %%s', "
    "(ARRAY['Extend','Correct','Move','Split','Retire'])[n %% 5 + 1], "
    "(%(nouns)s::text[])[n %% 7 + 1], md5(n::text)) END",
    # Nine in ten are history, as in any portfolio of some years.
    "state": "CASE WHEN n > %(rows)s * 0.9 THEN "
    "(ARRAY['draft','assessing','approved','scheduled'])[n %% 4 + 1] "
    "WHEN n %% 50 = 0 THEN 'rejected' ELSE 'closed' END",
    "risk_band": "(ARRAY['low','low','medium','high'])[n %% 4 + 1]",
    "application_id": "(%(applications)s::uuid[])[n %% cardinality(%(applications)s::uuid[]) + 1]",
    "requester_id": "(%(people)s::uuid[])[n %% cardinality(%(people)s::uuid[]) + 1]",
    "owner_id": "(%(people)s::uuid[])[n %% cardinality(%(people)s::uuid[]) + 1]",
    "author_id": "(%(people)s::uuid[])[(n + 7) %% cardinality(%(people)s::uuid[]) + 1]",
    # The oldest is two years older than the newest, at every size.
    "created_at": "now() - (%(rows)s - n) * (interval '730 days' / %(rows)s)",
    "changed_at": "now() - (%(rows)s - n) * (interval '700 days' / %(rows)s)",
    "evidence_head": "sha256(n::text::bytea)",
}
_LINE = {
    "id": "gen_random_uuid()",
    "change_id": "c.id",
    "asset_id": "(%(assets)s::uuid[])"
    "[abs(hashtext(c.code)) %% cardinality(%(assets)s::uuid[]) + 1]",
}


def load_changes(bank: Bank, like: ChangeRequest, rows: int) -> None:
    """Add `rows` changes that look like `like`. The connection must be the owner's."""
    values = {
        "rows": rows,
        "like": like.pk,
        "nouns": list(NOUNS),
        "applications": [application.pk for application in bank.applications],
        "people": [person.pk for person in bank.people],
        "assets": [asset.pk for asset in bank.assets],
    }
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        with _without_indexes(ChangeRequest), _without_indexes(ChangeAsset):
            cursor.execute(
                copy_statement(ChangeRequest, _CHANGE, "generate_series(1, %(rows)s) n",
                               "t.id = %(like)s"),
                values,
            )  # fmt: skip
            cursor.execute(
                copy_statement(ChangeAsset, _LINE, "changes_changerequest c",
                      "t.change_id = %(like)s AND c.id <> %(like)s"),
                values,
            )  # fmt: skip
        for model in (ChangeRequest, ChangeAsset):
            cursor.execute(f"ANALYZE {model._meta.db_table}")


def copy_statement(model: type[Model], values: Mapping[str, str], source: str, which: str) -> str:
    """An INSERT of rows of `source` that are like the row `which` names, but for `values`."""
    columns = [field.column for field in model._meta.concrete_fields]
    table = model._meta.db_table
    chosen = ", ".join(values.get(column, f't."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    return f"INSERT INTO {table} ({names}) SELECT {chosen} FROM {table} t, {source} WHERE {which}"


@contextmanager
def _without_indexes(model: type[Model]) -> Iterator[None]:
    """Drop the table's indexes that carry no constraint, and build them anew afterwards."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND NOT EXISTS "
            "(SELECT FROM pg_constraint WHERE conindid = indexname::regclass)",
            [model._meta.db_table],
        )
        indexes = cursor.fetchall()
        for name, _definition in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        yield
        for _name, definition in indexes:
            cursor.execute(definition)
