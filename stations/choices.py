"""What a visitor may choose from, and the calendar: the same on every page of a minute, and read once for it."""

from __future__ import annotations

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.template.loader import render_to_string
from django.utils.functional import Promise, cached_property
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from stations.daytypes import Calendar
from stations.models import Facility, Station, StationKind
from stations.visitor import FACILITY_GROUPS
from unionportal.organizations.models import Division
from unionportal.public_version import Kept, Stamp


class Choices:
    """Each is read when it is first asked for, in the language of then, and stays."""

    @cached_property
    def calendar(self) -> Calendar:
        return Calendar.now()

    @cached_property
    def districts(self) -> list[Division]:
        return _districts_in_use()

    @cached_property
    def kinds(self) -> list[StationKind]:
        public = Station.objects.public().filter(kind=OuterRef("pk"))
        return list(StationKind.objects.filter(Exists(public), is_active=True))

    @cached_property
    def facilities(self) -> list[Facility]:
        """All of them, also those that nobody may choose any more, in their order."""
        return list(Facility.objects.all())

    @cached_property
    def facility_groups(self) -> list[tuple[str | Promise, list[Facility]]]:
        """Those in use, under their headings."""
        groups: dict[str, list[Facility]] = {}
        for facility in filter(lambda facility: facility.is_active, self.facilities):
            groups.setdefault(facility.group if facility.group in FACILITY_GROUPS else "other", []).append(facility)
        return [(name, groups[group]) for group, name in FACILITY_GROUPS.items() if group in groups]

    @cached_property
    def chips(self) -> dict[str, SafeString]:
        """Every facility by code, as a card shows it."""
        return {one.code: render_to_string("stations/_chip.html", {"facility": one}) for one in self.facilities}


def choices(stamp: Stamp) -> Choices:
    """What was read under a stamp (`unionportal.public_version.stamp`), in the language of now."""
    return _KEPT.get_or_make((stamp, get_language()), Choices)


_KEPT = Kept[Choices](2 * len(settings.LANGUAGES))


def _districts_in_use() -> list[Division]:
    """Counties, districts and zones in which a visitor finds a station, by code.

    One look-up a division, so that it takes as long for ten stations as for a country's.
    """
    here = Station.objects.public().filter(division=OuterRef("pk"))
    held = Division.objects.filter(Exists(here)).order_by()
    within = [held.values(path) for path in ("pk", "parent", "parent__parent")]
    return list(Division.objects.counties().filter(Q(pk__in=within[0]) | Q(pk__in=within[1]) | Q(pk__in=within[2])))
