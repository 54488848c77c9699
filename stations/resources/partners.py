"""Which partner a name in a row means: two unions may each keep one of the same name."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from stations.models import Station
from stations.resources.identity import owner_of
from unionportal.names import identity_key
from unionportal.organizations.models import Organization, Partner
from unionportal.sheets.resources import Context, Row


class Partners:
    """The partners a clerk sees, by name, and those his stations have already."""

    def __init__(self, context: Context, stations: Iterable[Station]) -> None:
        self._home = context.organization
        self._by_name: defaultdict[str, dict[int, Partner]] = defaultdict(dict)
        for partner in context.visible(Partner).select_related("organization"):
            self._by_name[identity_key(partner.name)][partner.pk] = partner
        for station in stations:
            if station.host is not None:
                self._by_name[identity_key(station.host.name)].setdefault(station.host.pk, station.host)

    def settle(self, rows: Sequence[Row]) -> None:
        """Host and co-builders as partners, once it is known which station each row means."""
        for row in rows:
            if "host" in row.values:
                self._settle_host(row)
            if "co_builders" in row.values:
                self._settle_co_builders(row)

    def _settle_host(self, row: Row) -> None:
        name = row.values.pop("host")
        present = row.existing.host_id if row.existing is not None else None
        if partner := self._find(row, "host", name, [present] if present else []):
            row.values["host"] = partner
        else:
            row.values["host_name"] = name

    def _settle_co_builders(self, row: Row) -> None:
        names = row.values.pop("co_builders")
        if not names:
            return
        present = [partner.pk for partner in row.existing.co_builders.all()] if row.existing is not None else []
        found = [self._find(row, "co_builders", name, present) for name in names]
        row.values["co_builders"] = [partner for partner in found if partner is not None]

    def _find(self, row: Row, field: str, name: str, present: Collection[int]) -> Partner | None:
        """The partner of this name that the station has, else that of the nearest union; None is reported."""
        same = list(self._by_name.get(identity_key(name), {}).values())
        if not same:
            row.report("host-unknown", field, value=name)
            return None
        chosen = [partner for partner in same if partner.pk in present] or nearest(same, owner_of(row, self._home))
        if len(chosen) > 1:
            unions = "、".join(sorted(partner.organization.name for partner in chosen))
            row.report("host-ambiguous", field, value=name, unions=unions)
            return None
        return chosen[0]


def nearest(partners: Sequence[Partner], owner: Organization) -> list[Partner]:
    """Those whose union stands nearest in the tree: the owner's own, then that of the lowest common superior."""
    if len(partners) == 1:
        return list(partners)
    shared = [_shared(partner.organization.path, owner.path) for partner in partners]
    return [partner for partner, depth in zip(partners, shared, strict=True) if depth == max(shared)]


def _shared(one: str, other: str) -> tuple[int, int]:
    """How deep two paths run together; among equals a superior of the owner goes before a distant branch."""
    step, depth = Organization.steplen, 0
    while depth < min(len(one), len(other)) and one[depth : depth + step] == other[depth : depth + step]:
        depth += step
    return depth, -(len(one) - depth)
