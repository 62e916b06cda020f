"""Who keeps which register."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from apps.core.actor import Actor
from apps.core.errors import Blocker, bad_input
from apps.evidence.models import GovernedModel
from apps.evidence.services.register import Check, register_roles
from apps.inventory.domain.relations import RELATION_KINDS
from apps.inventory.domain.rows import KEY_MAX, attribute_problem
from apps.inventory.models import Asset

keep_landscape_blockers = register_roles("site_admin", "release_coordinator")
keep_applications_blockers = register_roles("site_admin")
keep_assets_blockers = register_roles(
    "developer", "application_owner", "technical_lead", "release_coordinator", "site_admin"
)


def adding(check: Check, model: type[GovernedModel]) -> Callable[[Actor], Iterable[Blocker]]:
    """The rule `check`, asked before there is a record of `model`."""

    def blockers(actor: Actor) -> Iterable[Blocker]:
        return check(actor, model())

    return blockers


IMPORT_ROLES = ("integration", "site_admin", "release_coordinator", "developer")


def import_blockers(actor: Actor) -> Iterator[Blocker]:
    if actor.kind != "system" and not actor.holds(*IMPORT_ROLES):
        yield Blocker(
            "role_missing",
            f"{actor.printed_name} does not import inventories.",
            "Ask a developer, a release coordinator or a site administrator.",
            "site administrator",
            kind="permission",
        )


def relate_blockers(
    actor: Actor, source: Asset, kind: str, key: str, attributes: object
) -> Iterable[Blocker]:
    yield from keep_assets_blockers(actor, source)
    if kind not in RELATION_KINDS:
        yield bad_input("kind", f"There is no relation {kind[:40]!r}.", "Choose one of the list.")
    if len(key) > KEY_MAX or not key.isprintable():
        yield bad_input("key", f"A key is printable and has at most {KEY_MAX} characters.")
    if not isinstance(attributes, dict):
        yield bad_input("attributes", "The attributes are no JSON object.")
    elif problem := attribute_problem(attributes):
        yield bad_input("attributes", problem)
