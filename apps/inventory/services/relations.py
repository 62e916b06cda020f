"""Edges that people draw and remove."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError

from apps.core import clock
from apps.core.actor import Actor
from apps.core.errors import Blocker, Refused, not_found, refuse_if_any
from apps.evidence.services.door import door
from apps.evidence.services.ledger import lock, record
from apps.inventory.events import ASSET_RELATED, ASSET_UNRELATED
from apps.inventory.models import Asset, AssetRelation
from apps.inventory.policies import keep_assets_blockers, relate_blockers


@door("asset")
def relate_asset(
    *,
    pk: Any,
    actor: Actor,
    kind: str,
    target: Any,
    key: str = "",
    attributes: Mapping[str, Any] | None = None,
    expected_seq: int | None = None,
    comment: str = "",
) -> AssetRelation:
    """Draw an edge from the asset `pk` to the asset with the key `target`."""
    source = lock(Asset, pk, expected_seq=expected_seq)
    attributes = dict(attributes or {})
    refuse_if_any(relate_blockers(actor, source, kind, key, attributes))
    end = _asset(target)
    if AssetRelation.objects.filter(source=source, kind=kind, target=end, key=key).exists():
        known = f"{source} and {end} are related like this already."
        raise Refused(Blocker("known", known, "Nothing to do.", "nobody", kind="state"))
    now = clock.now()
    relation = AssetRelation.objects.create(
        source=source,
        kind=kind,
        target=end,
        key=key,
        attributes=attributes,
        origin=AssetRelation.Origin.MANUAL,
        first_seen_at=now,
        last_seen_at=now,
    )
    record(source, actor=actor, event=ASSET_RELATED, comment=comment, facts=_told(relation))
    return relation


def draw_relation(*, actor: Actor, values: Mapping[str, Any]) -> AssetRelation:
    """`relate_asset` for a door that hands over what was entered as one mapping."""
    return relate_asset(
        pk=values["source"].pk,
        actor=actor,
        kind=values["kind"],
        target=values["target"].pk,
        key=values.get("key", ""),
        attributes=values.get("attributes"),
    )


@door("asset")
def unrelate_asset(
    *, pk: Any, actor: Actor, relation: Any, expected_seq: int | None = None, comment: str = ""
) -> Asset:
    """Remove the edge `relation` that starts at the asset `pk`. An import may find it again."""
    source = lock(Asset, pk, expected_seq=expected_seq)
    refuse_if_any(keep_assets_blockers(actor, source))
    try:
        edge = source.relations_out.select_related("target").get(pk=relation)
    except (AssetRelation.DoesNotExist, ValidationError):
        raise not_found("relation") from None
    told = _told(edge)
    edge.delete()
    return record(source, actor=actor, event=ASSET_UNRELATED, comment=comment, facts=told)


def _asset(pk: Any) -> Asset:
    try:
        return Asset.objects.get(pk=pk)
    except (Asset.DoesNotExist, ValidationError):
        raise not_found("asset") from None


def _told(relation: AssetRelation) -> dict[str, Any]:
    return {
        "relation": relation.pk,
        "kind": relation.kind,
        "target": relation.target.subject,
        "target_name": str(relation.target),
        "key": relation.key,
        "attributes": relation.attributes,
        "origin": relation.origin,
    }
