"""The stations of a whole country on one machine: 200,000 of them, the pages that show them, the visits they get."""

from __future__ import annotations

import gzip
import random
import statistics
import time
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet, Value
from django.test import Client
from django.utils import timezone

from stations.daytypes import Calendar
from stations.models import FinderRow, Station
from stations.models.finder import SPARE, by_rarity
from stations.models.stations import Chord, SpherePoint
from tests.bench import case
from tests.bench.nation import CITY, NATION, load_stations, shares
from unionportal.public_pages import forget_pages

POINTS = 100


def points(seed: int = 7) -> list[tuple[float, float]]:
    """Places of stations, moved by a few kilometres: where people ask."""
    chance = random.Random(seed)
    ids = list(Station.objects.order_by("pk").values_list("pk", flat=True)[:CITY])
    rows = Station.objects.filter(pk__in=chance.sample(ids, POINTS)).values_list("latitude", "longitude")
    return [(lat + chance.uniform(-0.03, 0.03), lng + chance.uniform(-0.03, 0.03)) for lat, lng in rows]


# --- The nearest that are open and have what is needed -------------------------------------------------------------


def milliseconds(rows: QuerySet[Any], *, in_the_city: bool = False) -> float:
    """Planning plus execution, as PostgreSQL measures them."""
    sql, params = rows.query.sql_with_params()
    if in_the_city:
        sql = sql.replace(FinderRow._meta.db_table, CITY_FINDER)
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, SUMMARY, FORMAT JSON) {sql}", params)
        [plan] = cursor.fetchone()[0]
    return float(plan["Planning Time"] + plan["Execution Time"])


def bare(latitude: float, longitude: float) -> QuerySet[Any]:
    """The floor: the nearest 20 of the register, whatever they have and whether they are open."""
    here = SpherePoint(Value(latitude), Value(longitude))
    return Station.objects.order_by(Chord(SpherePoint("latitude", "longitude"), here)).values_list("pk")[:20]


def wanted(codes: Iterable[str]) -> Callable[[float, float], QuerySet[Any]]:
    """The query of `finder.nearest` at noon of today, for regular stations its only one."""
    moment, calendar = timezone.localtime().replace(hour=12), Calendar.now()
    numbers = by_rarity(list(codes))
    rows = FinderRow.objects.having(numbers).perhaps_open_at(moment, calendar)
    return lambda latitude, longitude: rows.near(latitude, longitude).values_list("station_id", "unsure", "point")[
        : 20 + SPARE
    ]


def median_over(places: list[tuple[float, float]], query: Callable[[float, float], QuerySet[Any]]) -> float:
    return statistics.median(milliseconds(query(*place)) for place in places)


def rank(number: int) -> str:
    """The facility that is so common: 0 the most common one, 7 is held by 20 %, 8 by 1 %, 12 by 0.1 %."""
    return list(shares())[number]


# The finder of 10,000 stations, kept beside that of 200,000 so that the two are asked in turn.
CITY_FINDER = "bench_city_finder"


@cache
def lay_the_nation() -> None:
    """200,000 stations; the finder as it was after the first 10,000 stays in CITY_FINDER."""
    load_stations(CITY)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {CITY_FINDER} (LIKE {FinderRow._meta.db_table} INCLUDING ALL)")
        cursor.execute(f"INSERT INTO {CITY_FINDER} SELECT * FROM {FinderRow._meta.db_table}")
    load_stations(NATION - CITY, after=CITY)


def _against_bare(*ranks: int) -> tuple[float, float]:
    lay_the_nation()
    places = points()
    return median_over(places, wanted(map(rank, ranks))), median_over(places, bare)


BARE = "the bare KNN query on the same table"


@case("stations", "nearest 20 open with two facilities held by 60 % and 50 %", BARE, bound=3.0, unit="ms")
def two_most_common() -> tuple[float, float]:
    return _against_bare(0, 1)


@case("stations", "nearest 20 open with two facilities held by 25 % and 20 %", BARE, bound=3.0, unit="ms")
def two_common() -> tuple[float, float]:
    return _against_bare(6, 7)


@case("stations", "nearest 20 open with two facilities held by 20 % and 0.4 %", BARE, bound=5.0, unit="ms")
def one_rare() -> tuple[float, float]:
    return _against_bare(7, 10)


@case("stations", "nearest 20 open with two facilities held by 50 % and 0.1 %", BARE, bound=5.0, unit="ms")
def one_very_rare() -> tuple[float, float]:
    return _against_bare(1, 12)


@case("stations", "nearest 20 open with two facilities held by 0.4 % and 0.2 %", BARE, unit="ms")
def both_rare() -> tuple[float, float]:
    return _against_bare(10, 11)


AMONG = "the same among 10,000"


def _growth(*ranks: int) -> tuple[float, float]:
    lay_the_nation()
    query = wanted(map(rank, ranks))
    took = [(milliseconds(query(*place)), milliseconds(query(*place), in_the_city=True)) for place in points()]
    nation, city = map(statistics.median, zip(*took, strict=True))
    return nation, city


@case("stations", "nearest 20 of 200,000 stations, facilities held by 25 % and 20 %", AMONG, bound=1.5, unit="ms")
def growth() -> tuple[float, float]:
    return _growth(6, 7)


@case("stations", "nearest 20 of 200,000 stations, facilities held by 60 % and 50 %", AMONG, bound=1.5, unit="ms")
def growth_of_the_most_common() -> tuple[float, float]:
    return _growth(0, 1)


# --- Pages ----------------------------------------------------------------------------------------------------------


def _cpu(client: Client, addresses: list[str], headers: dict[str, str] | None = None, *, anew: bool = False) -> float:
    """Milliseconds of this process's processor for a request, in process; `anew`: no page made before is taken."""
    spent = 0.0
    for address in addresses:
        if anew:
            forget_pages()
        began = time.process_time()
        response = client.get(address, headers=headers)
        spent += time.process_time() - began
        assert response.status_code in (200, 304), (address, response.status_code)
    return spent / len(addresses) * 1000


@cache
def visitor() -> Client:
    lay_the_nation()
    settings.ROOT_URLCONF = "tests.bench.urls"
    settings.ALLOWED_HOSTS = ["*"]
    client = Client(headers={"Accept-Encoding": "gzip"})
    for address in ("/stations/", "/floor/list/", "/floor/row/"):
        client.get(address)
    return client


RAW = "a view that runs one raw query and joins strings"


@case(
    "stations",
    "the list, 20 cards, requests per second of processor",
    RAW,
    bound=0.12,
    at_most=False,
    unit="requests/s",
)
def list_page() -> tuple[float, float]:
    client = visitor()
    return 1000 / _cpu(client, ["/stations/"] * 50), 1000 / _cpu(client, ["/floor/list/"] * 50)


@case("stations", "the list, every page made anew", RAW, at_most=False, unit="requests/s")
def list_page_anew() -> tuple[float, float]:
    client = visitor()
    pages = [f"?page={number}" for number in range(1, 21)]
    return (
        1000 / _cpu(client, [f"/stations/{page}" for page in pages], anew=True),
        1000 / _cpu(client, [f"/floor/list/{page}" for page in pages]),
    )


@case(
    "stations",
    "the list asked again, unchanged (304)",
    "a view that makes one indexed query",
    bound=0.7,
    at_most=False,
    unit="requests/s",
)
def conditional() -> tuple[float, float]:
    client = visitor()
    ours = []
    for _round in range(4):
        # A new validator each time, for the minute may turn.
        validator = client.get("/stations/")["ETag"]
        ours.append(_cpu(client, ["/stations/"] * 50, {"If-None-Match": validator}))
    return 1000 / statistics.median(ours), 1000 / _cpu(client, ["/floor/row/"] * 200)


# --- The map --------------------------------------------------------------------------------------------------------


@case(
    "stations",
    "the map's largest answer, whole country to one street, gzipped",
    "60 KB",
    bound=1.0,
    unit="KB",
    rounds=1,
)
def map_answers() -> tuple[float, float]:
    client = visitor()
    largest = 0.0
    chance = random.Random(3)
    for zoom in range(3, 20):
        width = 360 / 2**zoom * 5  # a desk's screen is five tiles wide
        for latitude, longitude in chance.sample(points(), 5):
            box = f"{longitude - width / 2},{latitude - width / 3},{longitude + width / 2},{latitude + width / 3}"
            response = client.get("/stations/map.json", {"bbox": box, "zoom": zoom})
            assert response.status_code == 200, response.content
            content = response.content if response.get("Content-Encoding") else gzip.compress(response.content)
            largest = max(largest, len(content) / 1024)
    return largest, 60.0
