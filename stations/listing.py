"""The stations of a list as a Paginator asks for them: first which, then what their cards show.

Sorting a country drags every column of every join along; sorting its numbers does not.
"""

from __future__ import annotations

import datetime
from bisect import bisect
from collections.abc import Callable, Hashable, Iterable, Sequence

from django.utils import timezone
from django.utils.functional import cached_property

from stations.daytypes import Calendar
from stations.lifecycle import State
from stations.models import Station
from stations.models.finder import nearest
from stations.models.stations import UNCONFIRMED_DAYS, StationQuerySet
from unionportal.coordinates import Point
from unionportal.public_version import Kept

# As far as makes little difference to who walks or rides, in metres; the page names them.
BANDS = (500, 1_000, 2_000, 5_000)

FIRST = 400  # of each list that many ask for: twenty pages
LISTS = 64


def doubtful_last(nearest_first: Iterable[Station]) -> list[Station]:
    """Stations about equally far, within the same of BANDS, with those last that are out of service, were found locked
    or that nobody confirmed for long. They are one page's, so the walk along the index stays as it is.
    """
    since = timezone.localdate() - datetime.timedelta(days=UNCONFIRMED_DAYS)

    def place(station: Station) -> tuple[int, bool]:
        metres = station.distance  # type: ignore[attr-defined]
        confirmed = station.last_confirmed_on is not None and station.last_confirmed_on >= since
        sure = station.status == State.OPEN and station.reported_locked_at is None and confirmed
        return len(BANDS) + 1 if metres is None else bisect(BANDS, metres), not sure

    return sorted(nearest_first, key=place)


class InOrder:
    """Stations in the order of `rows`, fetched a page at a time with what their cards show: how far they are from
    `position` too, where one is given.
    """

    def __init__(self, rows: Callable[[], StationQuerySet], position: Point | None = None) -> None:
        self._rows, self._position = rows, position

    @cached_property
    def rows(self) -> StationQuerySet:
        return self._rows()

    def count(self) -> int:
        return self.rows.order_by().count()

    def ids(self, part: slice) -> list[int]:
        return list(self.rows.values_list("pk", flat=True)[part])

    def __getitem__(self, part: slice) -> list[Station]:
        ids = self.ids(part)
        found = self.cards().in_bulk(ids)
        shown = [found[pk] for pk in ids if pk in found]
        return doubtful_last(shown) if self._position else shown

    def cards(self) -> StationQuerySet:
        cards = Station.objects.all().for_cards()
        return cards.near(*self._position) if self._position else cards


class SortedOnce(InOrder):
    """The same for a list that many ask for: how many there are, and the first FIRST of them, are kept under `key`,
    which holds the stamp. Sorting a country takes as long for a page as for all of these.
    """

    def __init__(self, rows: Callable[[], StationQuerySet], key: Hashable) -> None:
        super().__init__(rows)
        self._key = key

    def count(self) -> int:
        return _COUNTS.get_or_make(self._key, super().count)

    def ids(self, part: slice) -> list[int]:
        if part.stop > FIRST:
            return super().ids(part)
        return _FIRST.get_or_make(self._key, lambda: super(SortedOnce, self).ids(slice(FIRST)))[part]


_COUNTS, _FIRST = Kept[int](LISTS), Kept[list[int]](LISTS)


class NearestFirst(InOrder):
    """Nearest first, those without a position last. `facilities` (codes) and `open_at` say by what `rows` were
    chosen, so that the finder can walk its index outwards instead of sorting them all.
    """

    def __init__(
        self,
        rows: Callable[[], StationQuerySet],
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
        found = doubtful_last(self.cards().filter(pk__in=ids[start:]))
        if len(ids) < stop:
            first = max(0, start - len(ids))
            nowhere = self.rows.filter(latitude=None).order_by("name_key", "pk")
            found += InOrder(lambda: nowhere)[first : first + stop - start - len(found)]
        return found
