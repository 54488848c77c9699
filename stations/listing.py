"""The stations of a list as a Paginator asks for them: first which, then what their cards show.

Sorting a country drags every column of every join along; sorting its numbers does not.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence

from stations.daytypes import Calendar
from stations.models import Station
from stations.models.finder import nearest
from stations.models.stations import StationQuerySet
from unionportal.coordinates import Point


class InOrder:
    """Stations in the order of `rows`, fetched a page at a time with what their cards show: how far they are from
    `position` too, where one is given.
    """

    def __init__(self, rows: StationQuerySet, position: Point | None = None) -> None:
        self.rows, self._position = rows, position

    def count(self) -> int:
        return self.rows.order_by().count()

    def __getitem__(self, part: slice) -> list[Station]:
        ids = list(self.rows.values_list("pk", flat=True)[part])
        found = self.cards().in_bulk(ids)
        return [found[pk] for pk in ids if pk in found]

    def cards(self) -> StationQuerySet:
        cards = Station.objects.all().for_cards()
        return cards.near(*self._position) if self._position else cards


class NearestFirst(InOrder):
    """Nearest first, those without a position last. `facilities` (codes) and `open_at` say by what `rows` were
    chosen, so that the finder can walk its index outwards instead of sorting them all.
    """

    def __init__(
        self,
        rows: StationQuerySet,
        position: Point,
        *,
        facilities: Sequence[str],
        open_at: datetime.datetime | None,
        calendar: Calendar,
    ) -> None:
        super().__init__(rows, position)
        self._here = position
        self._facilities, self._open_at, self._calendar = facilities, open_at, calendar

    def __getitem__(self, part: slice) -> list[Station]:
        start, stop = part.start or 0, part.stop
        ids = nearest(
            *self._here,
            facilities=self._facilities,
            open_at=self._open_at,
            calendar=self._calendar,
            stop=stop,
        )
        found = list(self.cards().filter(pk__in=ids[start:]))
        if len(ids) < stop:
            first = max(0, start - len(ids))
            nowhere = self.rows.filter(latitude=None).order_by("name_key", "pk")
            found += InOrder(nowhere)[first : first + stop - start - len(found)]
        return found
