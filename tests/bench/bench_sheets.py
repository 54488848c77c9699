"""Sheets at scale: a county hands in its whole register.

All figures of the long list come from one sequence, so that a busy machine slows each part of it alike: the floor, the
import, the import of the list with one row in a hundred changed, the floor once more.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.db import connection

from members.models import Member
from members.reference import load_reference
from tests.bench import case, sheet_process, timed
from tests.bench.member_lists import make_county, write_csv, write_xlsx
from tests.bench.plain_import import PlainImport
from tests.bench.stock_import import preview_and_confirm

ROWS = 100_000
FEW = 20_000
STOCK_ROWS = 2_000
MANY, PARTS = 1_000_000, 5
CHANGED = 100  # one row in so many
IMPORT_LIMIT, EXPORT_LIMIT = 400.0, 200.0  # MB

_folder = tempfile.TemporaryDirectory(prefix="bench-sheets-")


@cache
def _county() -> int:
    load_reference()
    return make_county().pk


@cache
def _list(rows: int, changed_every: int = 0) -> Path:
    return write_xlsx(Path(_folder.name, f"members-{rows}-{changed_every}.xlsx"), rows, changed_every=changed_every)


def _empty() -> None:
    """No members, no history and no bloat of an earlier run."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE members_member, members_memberevent, members_membershipspell, members_cardserial CASCADE"
        )


def _import(file: Path) -> dict[str, Any]:
    """A list handed in by the web process, then checked and written by a worker; see `sheet_process`."""
    database = str(connection.settings_dict["NAME"])
    _settle()
    handed_in, work = (sheet_process.run(database, step, file, _county()) for step in ("hand-in", "work"))
    steps = (handed_in["took"], work["check"], work["apply"])
    both = {name: sum(step[name] for step in steps) for name in ("seconds", "processor")}
    return {**work, **both, "web": handed_in["peak"]}


def _settle() -> None:
    """What the database does by itself within a minute or two: else it would fall into the next measurement."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (ANALYZE) members_member, members_memberevent, members_membershipspell")
        cursor.execute("CHECKPOINT")


def _history() -> int:
    return Member.pgh_event_model.objects.count()


@dataclass(frozen=True)
class LongRun:
    """What each part took; the floor's seconds and processor seconds are the mean of one before and one after."""

    floor: float
    floor_processor: float
    first: dict[str, Any]
    second: dict[str, Any]


def _floor(rows: int) -> tuple[float, float]:
    plain = PlainImport(_list(rows))
    _empty()
    _settle()
    before = sheet_process.processor_seconds()
    seconds = timed(plain.write)
    return seconds, sheet_process.processor_seconds() - before


@cache
def _long_run() -> LongRun:
    _county()
    before = _floor(ROWS)
    _empty()
    first = _import(_list(ROWS))
    assert first["counts"]["created"] == Member.objects.count() == _history() == ROWS
    second = _import(_list(ROWS, CHANGED))
    assert second["counts"]["updated"] == _history() - ROWS == ROWS // CHANGED, "history holds the changed rows only"
    floor, processor = ((one + other) / 2 for one, other in zip(before, _floor(ROWS), strict=True))
    return LongRun(floor, processor, first, second)


@case(
    "sheets",
    f"{ROWS:,} members checked, looked at, checked again and written",
    f"django-import-export's preview and confirmation of {STOCK_ROWS:,}",
    bound=40,
    at_most=False,
    unit="rows/s",
    rounds=1,
)
def against_stock() -> tuple[float, float]:
    long_run = _long_run()
    _empty()
    file = _list(STOCK_ROWS)
    stock = timed(lambda: preview_and_confirm(file))
    assert Member.objects.count() == STOCK_ROWS
    return ROWS / long_run.first["seconds"], STOCK_ROWS / stock


@case(
    "sheets", f"{ROWS:,} members from the file to committed rows", "calamine, COPY and upsert alone", bound=3, rounds=1
)
def against_floor() -> tuple[float, float]:
    return _long_run().first["apply"]["seconds"], _long_run().floor


@case(
    "sheets",
    "processor time of the same, portal and database",
    "the same floor's",
    bound=3,
    unit="cpu s",
    rounds=1,
)
def against_floor_by_processor() -> tuple[float, float]:
    return _long_run().first["apply"]["processor"], _long_run().floor_processor


@case("sheets", "the same with the look beforehand, which reads and checks it too", "the same floor", rounds=1)
def look_and_write_against_floor() -> tuple[float, float]:
    return _long_run().first["seconds"], _long_run().floor


@case("sheets", "the list again with 1 % of its rows changed", "the first time", bound=0.85, rounds=1)
def second_time() -> tuple[float, float]:
    return _long_run().second["seconds"], _long_run().first["seconds"]


@case("sheets", "processor time of the same", "of the first time", bound=0.85, unit="cpu s", rounds=1)
def second_time_by_processor() -> tuple[float, float]:
    return _long_run().second["processor"], _long_run().first["processor"]


def _highest(what: str) -> float:
    return max(float(run[what]) for run in (_long_run().first, _long_run().second))


@case("sheets", f"memory of the worker for {ROWS:,} members", "the limit", bound=1, unit="MB", rounds=1)
def worker_memory() -> tuple[float, float]:
    return _highest("peak"), IMPORT_LIMIT


@case("sheets", "memory of the reader that it starts", "the limit", bound=1, unit="MB", rounds=1)
def reader_memory() -> tuple[float, float]:
    return _highest("reader"), IMPORT_LIMIT


@case("sheets", "memory of the web process that takes the file in", "the limit", bound=1, unit="MB", rounds=1)
def web_memory() -> tuple[float, float]:
    return _highest("web"), IMPORT_LIMIT


@case("sheets", "memory of worker and reader at once", "the limit for each", unit="MB", rounds=1)
def memory_at_once() -> tuple[float, float]:
    return _highest("together"), IMPORT_LIMIT


@case(
    "sheets",
    f"memory for each further member of {ROWS:,}",
    f"each of {FEW:,}",
    bound=1.15,
    unit="KB",
    rounds=1,
)
def memory_growth() -> tuple[float, float]:
    long_run = _long_run()
    _empty()
    few = _import(_list(FEW))
    return tuple(  # type: ignore[return-value]
        (run["peak"] - run["start"]) * 1024 / rows for run, rows in ((long_run.first, ROWS), (few, FEW))
    )


@case("sheets", f"memory to export {ROWS:,} members", "the limit", bound=1, unit="MB", rounds=1)
def export_memory() -> tuple[float, float]:
    _empty()
    PlainImport(_list(ROWS)).write()
    file = Path(_folder.name, "out.xlsx")
    answer = sheet_process.run(str(connection.settings_dict["NAME"]), "export", file, _county())
    assert answer["rows"] == ROWS
    return answer["peak"], EXPORT_LIMIT


@case(
    "sheets",
    f"{MANY:,} members in one CSV file",
    f"{ROWS:,} in a workbook",
    bound=0.7,
    at_most=False,
    unit="rows/s",
    rounds=1,
    soak=True,
)
def a_million() -> tuple[float, float]:
    long_run = _long_run()
    _empty()
    many = _import(write_csv(Path(_folder.name, "million.csv"), MANY))
    assert Member.objects.count() == MANY
    return MANY / many["seconds"], ROWS / long_run.first["seconds"]


@case(
    "sheets",
    f"{MANY:,} members in {PARTS} workbooks, one after the other",
    f"{ROWS:,} in a workbook",
    bound=0.7,
    at_most=False,
    unit="rows/s",
    rounds=1,
    soak=True,
)
def a_million_in_parts() -> tuple[float, float]:
    long_run = _long_run()
    _empty()
    share = MANY // PARTS
    files = [write_xlsx(Path(_folder.name, f"part-{part}.xlsx"), share, after=part * share) for part in range(PARTS)]
    seconds = sum(_import(file)["seconds"] for file in files)
    assert Member.objects.count() == MANY
    return MANY / seconds, ROWS / long_run.first["seconds"]
