"""The demonstration's people around the stations: feedback with answers, supplies, duty, visits of two weeks."""

from __future__ import annotations

import datetime
import json
import random
from pathlib import Path
from typing import Any

from django.utils import timezone

from stations.actions.feedback import Said, Sender, give_feedback
from stations.actions.supplies import move_supply
from stations.actions.visits import Visit, record_visits
from stations.models import Channel, DutyShift, Feedback, Station, StationKeeper, Supply, SupplyMove
from unionportal.tickets import actions as tickets

_HOUR, _DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


def load_keeping(folder: Path) -> None:
    """What ``keeping.json`` says, at the stations that have a keeper; days are counted back from today."""
    parts = json.loads((folder / "keeping.json").read_text(encoding="utf-8"))
    draw = random.Random(parts["seed"])
    kept = StationKeeper.objects.values("station")
    stations = list(Station.objects.public().filter(pk__in=kept).select_related("organization").order_by("code"))
    for number, station in enumerate(stations):
        _feedback(station, parts["feedback"], number)
        _supplies(station, parts["supplies"])
        _duty(station, parts["duty"])
    record_visits(_visits(stations, parts["visits"], draw))


def _feedback(station: Station, rows: list[dict[str, Any]], number: int) -> None:
    """The rows take turns, so that neighbouring stations tell different stories."""
    for place, row in enumerate(rows):
        if place % 3 != number % 3:
            continue
        at = timezone.localtime().replace(hour=10, minute=0) - row["days_ago"] * _DAY
        sender = Sender(f"192.0.2.{place + 1}", f"demo-{place}")
        link = give_feedback(station, Feedback(row["kind"]), sender=sender, said=Said(row["text"]), at=at)
        if row["answer"]:
            tickets.answer(link.ticket, text=row["answer"], by=None)


def _supplies(station: Station, rows: list[dict[str, Any]]) -> None:
    for row in rows:
        supply = Supply.objects.create(
            station=station, item=row["item"], unit=row["unit"], season=row["season"], low_at=row["low_at"]
        )
        for verb, quantity in row["moves"]:
            move_supply(supply, SupplyMove.Verb(verb), quantity=quantity, by=None)


def _duty(station: Station, rows: list[dict[str, Any]]) -> None:
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    DutyShift.objects.bulk_create(
        [
            DutyShift(
                station=station,
                person=row["person"],
                begins=midnight + row["from_hour"] * _HOUR,
                ends=midnight + row["to_hour"] * _HOUR,
            )
            for row in rows
        ]
    )


def _visits(stations: list[Station], parts: dict[str, Any], draw: random.Random) -> list[Visit]:
    now = timezone.localtime()
    groups, weights = list(parts["groups"]), list(parts["groups"].values())
    found = []
    for station in stations:
        for day in range(parts["days"]):
            for _number in range(draw.randint(*parts["a_day"])):
                at = now.replace(hour=draw.choice(parts["hours"])) - day * _DAY
                if at <= now:
                    found.append(Visit(station, at, Channel.DOOR, draw.choices(groups, weights)[0]))
    return found
