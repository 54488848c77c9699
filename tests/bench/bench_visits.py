"""Visits: counted one by one and many at once, against bare inserts of a row each on the same connection."""

from __future__ import annotations

import datetime
import secrets

from django.db import connection
from django.utils import timezone

from stations.actions.visits import Visit, record_visit, record_visits
from stations.models import Channel, Station
from tests.bench import case, timed
from tests.factories import make_federation, make_station

SINGLE, MANY = 2_000, 20_000


def _stations() -> list[Station]:
    if not Station.objects.exists():
        federation = make_federation()
        for number in range(50):
            make_station(federation, f"测速驿站{number}")
    return list(Station.objects.order_by("pk")[:50])


def _bare_inserts(count: int) -> float:
    now, today = timezone.now(), timezone.localdate()
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE IF NOT EXISTS bench_visit "
            "(id bigserial PRIMARY KEY, station bigint, day date, hour smallint, grp text, at timestamptz)"
        )

        def insert() -> None:
            for number in range(count):
                cursor.execute(
                    "INSERT INTO bench_visit (station, day, hour, grp, at) VALUES (%s, %s, %s, %s, %s)",
                    [number % 50, today, now.hour, "courier", now],
                )

        seconds = timed(insert)
        cursor.execute("DROP TABLE bench_visit")
    return seconds


@case("stations", f"count {SINGLE:,} visits one by one", "bare inserts of a row each", bound=4.0)
def one_by_one() -> tuple[float, float]:
    stations = _stations()

    def count() -> None:
        for number in range(SINGLE):
            record_visit(stations[number % 50], channel=Channel.DOOR, group_code="courier", person=secrets.token_hex(8))

    return timed(count), _bare_inserts(SINGLE)


@case("stations", f"count {MANY:,} visits in batches of 500", "bare inserts of a row each", bound=1.0)
def many_at_once() -> tuple[float, float]:
    stations, now = _stations(), timezone.now()
    visits = [
        Visit(stations[n % 50], now - datetime.timedelta(hours=n % 24), Channel.CARD, "courier", secrets.token_hex(8))
        for n in range(MANY)
    ]

    def count() -> None:
        for start in range(0, MANY, 500):
            record_visits(visits[start : start + 500])

    return timed(count), _bare_inserts(MANY)
