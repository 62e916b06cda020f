"""What was authorised to move in a period: the scope of approved changes in their packages."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Q

from apps.audit.domain.moved import Authorised
from apps.changes.models import ChangeAsset
from apps.releases.domain.lifecycle import PACKAGE_STATES
from apps.releases.models import PackageChange

#: Lines whose asset is itself moved; the others act on what is there.
_MOVING = (ChangeAsset.Action.NEW, ChangeAsset.Action.CHANGE)
_WORDS = {code: word.lower() for code, word in PACKAGE_STATES}


def authorised_lines(starts_at: datetime, ends_at: datetime) -> Iterator[Authorised]:
    """Each line of each approved change in a package whose window, or whose work where it has
    none, has a part of the time from `starts_at` to `ends_at`. Two queries."""
    members = (
        PackageChange.objects.filter(change__approved_at__isnull=False)
        .filter(
            Q(package__window__opens_at__lt=ends_at, package__window__closes_at__gt=starts_at)
            | Q(package__window__isnull=True, package__started_at__lt=ends_at)
            & (Q(package__ended_at__isnull=True) | Q(package__ended_at__gt=starts_at))
        )
        .exclude(package__state="cancelled")
        .select_related("package__window", "change")
        .prefetch_related("change__assets__asset")
        .order_by("package__code", "change__code")
    )
    for member in members:
        package, window = member.package, member.package.window
        if window is not None:
            begins, ends = window.opens_at, window.closes_at
        else:
            assert package.started_at is not None
            begins, ends = package.started_at, package.ended_at or ends_at
        for line in member.change.assets.all():
            if line.action not in _MOVING:
                continue
            yield Authorised(
                change=member.change.pk,
                change_code=member.change.code,
                package=package.pk,
                package_code=package.code,
                element=line.asset.name,
                version=line.to_version,
                scm_packages=frozenset(
                    name for name in (line.scm_ref, package.scm_package) if name
                ),
                starts_at=begins,
                ends_at=ends,
                word=_WORDS[package.state],
            )
