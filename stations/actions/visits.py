"""Counting visits. The bulk verb is one statement whatever the number; the single verb calls it.

No audit event is written: a row for each visit would be the very trail that the counters avoid.
"""

from __future__ import annotations

import datetime
import hashlib
import secrets
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from django.db import connection
from django.utils import timezone

from stations.models import Station
from stations.models.visits import HOURS_KEPT, TAP_WINDOW, Channel, VisitHour, VisitSalt, VisitTap

# Counters are raised in one order everywhere, so that two writers never wait for one another in a circle.
_RECORD = """
WITH given AS (
    SELECT * FROM unnest(
        %(station)s::bigint[], %(owner)s::bigint[], %(day)s::date[], %(hour)s::smallint[],
        %(group)s::text[], %(channel)s::text[], %(token)s::text[], %(count)s::integer[]
    ) AS row(station, owner, day, hour, grp, channel, token, count)
), taps AS (
    INSERT INTO stations_visittap AS held (token, ends_at)
    SELECT token, %(ends)s FROM given WHERE token <> '' ORDER BY token
    ON CONFLICT (token) DO UPDATE SET ends_at = EXCLUDED.ends_at WHERE held.ends_at <= %(now)s
    RETURNING token
), counted AS (
    SELECT * FROM given WHERE token = '' OR token IN (SELECT token FROM taps)
), hours AS (
    INSERT INTO stations_visithour AS held (station_id, day, hour, group_code, channel, count)
    SELECT station, day, hour, grp, channel, sum(count) FROM counted
    GROUP BY station, day, hour, grp, channel ORDER BY station, day, hour, grp, channel
    ON CONFLICT (station_id, day, hour, group_code, channel) DO UPDATE SET count = held.count + EXCLUDED.count
), days AS (
    INSERT INTO stations_visitday AS held (organization_id, day, group_code, channel, count)
    SELECT owner, day, grp, channel, sum(count) FROM counted
    GROUP BY owner, day, grp, channel ORDER BY day, owner, grp, channel
    ON CONFLICT (day, organization_id, group_code, channel) DO UPDATE SET count = held.count + EXCLUDED.count
)
SELECT coalesce(sum(count), 0) FROM counted
"""


@dataclass(frozen=True)
class Visit:
    """Somebody came to a station at a moment (aware). `person` is whatever tells a second tap from a first (a
    member's number, an address with a device); it is hashed with the day's salt and never stored.
    """

    station: Station
    at: datetime.datetime
    channel: Channel
    group_code: str = ""
    person: str = field(default="", repr=False)


def record_visits(visits: Iterable[Visit]) -> int:
    """Count visits, many at once: the home of the rule. Returns how many counted, second taps left out.

    One statement raises the counters of hours and of days together, so that they never differ.
    """
    now = timezone.now()
    rows: Counter[tuple[object, ...]] = Counter()
    tapped: set[str] = set()
    visits = [*visits]
    counted_yesterday = _tapped_before_midnight(visits, now)
    for visit in visits:
        local = timezone.localtime(visit.at)
        token = _token(visit.station.pk, visit.person, timezone.localdate(now)) if visit.person else ""
        if token and (token in tapped or (visit.station.pk, visit.person) in counted_yesterday):
            continue
        tapped.add(token)
        station = visit.station
        rows[
            station.pk,
            station.organization_id,
            local.date(),
            local.hour,
            visit.group_code,
            str(visit.channel),
            token,
        ] += 1
    return _count(rows, now) if rows else 0


def _count(rows: Counter[tuple[object, ...]], now: datetime.datetime) -> int:
    columns: Sequence[tuple[object, ...]] = list(zip(*rows, strict=True))
    names = ("station", "owner", "day", "hour", "group", "channel", "token")
    values: dict[str, Any] = {name: list(column) for name, column in zip(names, columns, strict=True)}
    values |= {"count": list(rows.values()), "now": now, "ends": now + TAP_WINDOW}
    with connection.cursor() as cursor:
        cursor.execute(_RECORD, values)
        return int(cursor.fetchone()[0])


def record_visit(
    station: Station,
    *,
    channel: Channel,
    group_code: str = "",
    person: str = "",
    at: datetime.datetime | None = None,
) -> bool:
    """Count one visit; False where the same `person` was counted here within `TAP_WINDOW`."""
    return record_visits([Visit(station, at or timezone.now(), channel, group_code, person)]) == 1


def _token(station: int, person: str, today: datetime.date) -> str:
    text = f"{station} {person}".encode()
    return hashlib.blake2b(text, key=_salt_of(today), digest_size=16).hexdigest()


def _tapped_before_midnight(visits: Iterable[Visit], now: datetime.datetime) -> set[tuple[int, str]]:
    """(station, person) of those counted at 23:50 who tap again at 00:10, when the salt of the day is another."""
    day = timezone.localdate(now - TAP_WINDOW)
    if day == timezone.localdate(now):
        return set()
    taps = {_token(v.station.pk, v.person, day): (v.station.pk, v.person) for v in visits if v.person}
    held = VisitTap.objects.filter(token__in=taps, ends_at__gt=now).values_list("token", flat=True)
    return {taps[token] for token in held}


@lru_cache(maxsize=2)
def _salt_of(day: datetime.date) -> bytes:
    """The day's salt, the same in every worker process: whoever asks first makes it."""
    VisitSalt.objects.bulk_create([VisitSalt(day=day, salt=secrets.token_bytes(32))], ignore_conflicts=True)
    return bytes(VisitSalt.objects.get(day=day).salt)


def forget_taps(moment: datetime.datetime | None = None) -> None:
    """Delete the tokens whose time is over, the salts of days gone by (yesterday's when its last taps are over), and
    counters by hour past their term.
    """
    now = moment or timezone.now()
    today = timezone.localdate(now)
    VisitTap.objects.filter(ends_at__lte=now).delete()
    VisitSalt.objects.filter(day__lt=timezone.localdate(now - TAP_WINDOW)).delete()
    VisitHour.objects.filter(day__lt=today - HOURS_KEPT).delete()
