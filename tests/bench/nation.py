"""Stations as many as a nation has, written in a few statements for the measurements.

186,100 stations stood in China at the end of 2024 (the federation's own figure); 200,000 are laid around 300
centres, so that near ones are near. Shares of facilities and hours are those of a mixed city.
"""

from __future__ import annotations

import random

from django.db import connection, transaction

from stations.models import Facility, OpeningPeriod, Station, StationFacility
from tests.factories import make_federation
from unionportal.organizations.models import Organization

NATION, CITY = 200_000, 10_000
COMMON, RARE = (0.6, 0.5, 0.45, 0.4, 0.35, 0.3, 0.25, 0.2), (0.01, 0.007, 0.004, 0.002, 0.001)
ORDINARY = 0.05

# A city's centre, south-west to north-east, in WGS-84 degrees.
_SOUTH_WEST, _NORTH_EAST = (21.0, 99.0), (45.0, 126.0)


def shares() -> dict[str, float]:
    """Facility code -> the share of stations that have it: common ones first, then rare ones, then the rest."""
    codes = list(Facility.objects.order_by("position", "code").values_list("code", flat=True))
    return {
        code: (*COMMON, *RARE)[rank] if rank < len(COMMON) + len(RARE) else ORDINARY for rank, code in enumerate(codes)
    }


# A week of 8:30-18:00 every day, and one without a closed minute, as the triggers of the register work them out.
_OFFICE = "{" + ",".join(f"[{day * 2880 + 510},{day * 2880 + 1080})" for day in range(7)) + "}"
_ALWAYS = "{" + ",".join(f"[{day * 2880},{day * 2880 + 1440})" for day in range(7)) + "}"
_SLOW_INDEXES = ("station_grams", "station_search_trgm", "station_spelling", "station_sphere", "finder_facility_point")


def load_stations(count: int, *, after: int = 0) -> Organization:
    """`count` open stations with facilities and hours in the bench's own database, numbered from `after` + 1.

    The triggers stand aside while so many rows go in, and the costly indexes are built afterwards; what the triggers
    would have worked out is written, and held against them for a hundred stations.
    """
    federation = make_federation()
    seed = random.Random(1)
    centres = [
        (seed.uniform(_SOUTH_WEST[0], _NORTH_EAST[0]), seed.uniform(_SOUTH_WEST[1], _NORTH_EAST[1])) for _ in range(300)
    ]
    tables = [model._meta.db_table for model in (Station, StationFacility, OpeningPeriod)]
    stations, facilities, periods = tables
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT setseed(%s)", [after / 1_000_000])
        cursor.execute("SELECT indexdef, indexname FROM pg_indexes WHERE indexname = ANY(%s)", [list(_SLOW_INDEXES)])
        slow = cursor.fetchall()
        for _definition, name in slow:
            cursor.execute(f"DROP INDEX {name}")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        cursor.execute(
            f"""
            WITH centre AS (SELECT ordinality - 1 AS number, c.* FROM unnest(%s::float8[], %s::float8[])
                                   WITH ORDINALITY AS c(lat, lng, ordinality))
            INSERT INTO {stations} ({", ".join(_COLUMNS)})
            SELECT {", ".join(_COLUMNS.values())}
              FROM generate_series(%s + 1, %s) AS n
              JOIN centre ON centre.number = n %% 300
            """,
            [[lat for lat, _lng in centres], [lng for _lat, lng in centres], federation.pk, after, after + count],
        )
        # Six in ten keep office hours, two in ten are open day and night, two in ten have not said.
        cursor.execute(
            f"INSERT INTO {periods} (station_id, weekday, opens, closes, access)"
            f" SELECT id, day, 510, 1080, '' FROM {stations}, generate_series(1, 7) AS day"
            f" WHERE hours_state = 'listed' AND NOT EXISTS (SELECT FROM {periods} WHERE station_id = {stations}.id)"
        )
        cursor.execute(
            f"INSERT INTO {facilities} (station_id, facility_id, note)"
            f" SELECT station.id, held.code, '' FROM {stations} AS station"
            " CROSS JOIN unnest(%s::text[], %s::float8[]) AS held(code, share)"
            " WHERE random() + station.id * 0 < held.share"  # a chance of its own for each station
            f" AND NOT EXISTS (SELECT FROM {facilities} AS had WHERE had.station_id = station.id)",
            [list(shares()), list(shares().values())],
        )
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
        cursor.execute(
            f"SELECT stations_refresh_finder(ARRAY(SELECT id FROM {stations}"
            " WHERE id NOT IN (SELECT station_id FROM stations_finderrow)))"
        )
        for definition, _name in slow:
            cursor.execute(definition)
    _hold_against_the_triggers(stations)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return federation


def _hold_against_the_triggers(table: str) -> None:
    """Raises AssertionError where a week that was written is not the one the register would have worked out."""
    with connection.cursor() as cursor:
        sample = f"SELECT id, week::text, irregular_until FROM {table} ORDER BY id LIMIT 100"
        cursor.execute(sample)
        written = cursor.fetchall()
        cursor.execute("SELECT stations_recount_weeks(%s)", [[row[0] for row in written]])
        cursor.execute(sample)
        assert cursor.fetchall() == written, "the bench lays other weeks than the register"


# Column -> SQL of row n. The names of ten characters make search texts as long as real ones.
_COLUMNS = {
    "organization_id": "%s",
    "code": "'530102HW' || lpad(n::text, 7, '0')",
    "name": "'示例路' || n || '号工会户外劳动者驿站'",
    "name_key": "'shi li lu ' || lpad(n::text, 7, '0')",
    "identity": "'示例路' || n || '号工会户外劳动者驿站'",
    "initials": "'sll' || n || 'hghhwldzyz'",
    "search_text": "'示例路' || n || '号工会户外劳动者驿站' || '示例区示例街道' || n || '号'",
    "address": "'示例区示例街道' || n || '号'",
    "kind_id": "'HW'",
    "division_id": "(ARRAY['530102', '530103', '530111'])[n %% 3 + 1]",
    "latitude": "round((lat + (random() + random() - 1) * 0.4)::numeric, 6)::float8",
    "longitude": "round((lng + (random() + random() - 1) * 0.4)::numeric, 6)::float8",
    "status": "'open'",
    "hours_state": "CASE WHEN n %% 10 < 6 THEN 'listed' WHEN n %% 10 < 8 THEN 'always' ELSE 'unknown' END",
    "week": f"(CASE WHEN n %% 10 < 6 THEN '{_OFFICE}' WHEN n %% 10 < 8 THEN '{_ALWAYS}' END)::int4multirange",
    "accuracy": "'map'",
    **dict.fromkeys(
        (
            "local_brand",
            "build_mode",
            "host_name",
            "theme",
            "responsible_cadre",
            "directions",
            "given_datum",
            "list_id",
            "sign_number",
            "public_phone",
            "keeper_name",
            "keeper_phone",
            "access",
            "facilities_text",
            "hours_text",
            "remarks",
            "status_reason",
        ),
        "''",
    ),
    "opened_precision": "'day'",
    "created_at": "now()",
    "updated_at": "now()",
}
