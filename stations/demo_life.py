"""What lives in the demonstration's stations: closures, services for a while, exhibits, guides, assets, a shop …

``fixtures/demo/life.json`` holds the rows; days are counted from today, and everything goes through the verbs of
`actions`. People and units are invented and say so.
"""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone

from stations.actions import except_hours
from stations.actions.shop import close_month, spend_fund
from stations.actions.staged import do
from stations.models import FundSpending, Station
from unionportal.organizations.models import Organization

_HOUR, _DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


def load_life(folder: Path) -> None:
    """What ``life.json`` says; a row may name one that stands before it."""
    parts = json.loads((folder / "life.json").read_text(encoding="utf-8"))
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    for told in parts["openings"]:
        day = midnight + told["in_days"] * _DAY
        begins, ends = day + told["from_hour"] * _HOUR, day + told["to_hour"] * _HOUR
        station = Station.objects.get(name=told["station"])
        except_hours(station, kind=told["kind"], begins=begins, ends=ends, reason=told["reason"], by=None)
    for told in parts["rows"]:
        _row(told)
    _shop(parts["shop"])


def _row(told: dict[str, Any]) -> None:
    model = apps.get_model("stations", told["model"])
    row = model(**_values(model, told["set"]))
    row.full_clean()
    row.save()
    for verb, filled in told["verbs"]:
        do(row, verb, by=None, **_values(model, filled))


def _values(model: type[models.Model], told: dict[str, Any]) -> dict[str, Any]:
    """Names become the rows they name, and numbers of days become days, or ten o'clock of them."""
    return {name: _value(model._meta.get_field(name), given) for name, given in told.items()}


def _value(field: Any, given: Any) -> Any:
    if field.is_relation:
        key = "code" if field.related_model is Organization else _NAMED_BY.get(field.name, "name")
        return field.related_model._default_manager.get(**{key: given})
    if isinstance(field, models.DateTimeField):
        return timezone.localtime().replace(hour=10, minute=0, second=0, microsecond=0) + given * _DAY
    if isinstance(field, models.DateField):
        return timezone.localdate() + given * _DAY
    return given


_NAMED_BY = {"exhibition": "title"}


def _shop(told: dict[str, Any]) -> None:
    """The last months of a shop, closed one by one, and what its fund paid."""
    station = Station.objects.get(name=told["station"])
    last = timezone.localdate().replace(day=1)
    for income in told["income_yuan"]:
        last = (last - _DAY).replace(day=1)
        close_month(station, month=last, income_fen=income * 100, by=None)
    spent = told["spent"]
    spend_fund(
        station,
        use=FundSpending.Use(spent["use"]),
        amount_fen=spent["yuan"] * 100,
        payee=spent["payee"],
        on=timezone.localdate(),
        by=None,
    )
