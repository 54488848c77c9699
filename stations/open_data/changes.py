"""What changed since a day, from the trigger history of the register, which no write can pass by."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from typing import Any

import pghistory.models
from django.contrib.postgres.aggregates import BoolOr
from django.db.models import Max, OuterRef, Q, Subquery
from django.db.models.functions import Greatest
from django.utils import timezone

from stations.lifecycle import PUBLIC_STATES
from stations.models import OpeningException, Station
from unionportal.audit.history import event_model_of


def changes(since: datetime.date) -> Iterator[dict[str, Any]]:
    """Stations written to, closed or opened by date on `since` (Asia/Shanghai) or later, the oldest change first: code,
    change, at, last_confirmed_on. A change is "added" where a station was not public before, "changed", or "withdrawn"
    where it was public and is no longer: closed for good, back in acceptance, or removed. What was never public is
    not told.
    """
    begins = datetime.datetime.combine(since, datetime.time(), tzinfo=timezone.get_default_timezone())
    events: Any = _events()._default_manager
    public = Q(status__in=PUBLIC_STATES)
    late = Q(pgh_created_at__gte=begins)
    closures: Any = event_model_of(OpeningException)
    excepted = closures._default_manager.filter(late).values("station_id").annotate(at=Max("pgh_created_at"))
    touched = Q(pgh_obj_id__in=events.filter(late).values("pgh_obj_id")) | Q(
        pgh_obj_id__in=excepted.values("station_id")
    )
    newest = Subquery(excepted.filter(station_id=OuterRef("pgh_obj_id")).values("at"))
    now = Station.objects.filter(pk=OuterRef("pgh_obj_id"))
    rows = (
        events.filter(touched)
        .values("pgh_obj_id")
        .annotate(
            at=Greatest(Max("pgh_created_at"), newest),
            public_code=Max("code"),
            before=BoolOr(public & Q(pgh_created_at__lt=begins)),
            ever=BoolOr(public),
            is_public=Subquery(now.public().values("code")),
            confirmed=Subquery(now.values("last_confirmed_on")),
        )
        .filter(ever=True)
        .order_by("at", "pgh_obj_id")
    )
    for row in rows.iterator(chunk_size=1000):
        shown = bool(row["is_public"])
        change = ("changed" if row["before"] else "added") if shown else "withdrawn"
        yield {
            "code": row["public_code"],
            "change": change,
            "at": timezone.localtime(row["at"]).isoformat(timespec="seconds"),
            "last_confirmed_on": row["confirmed"].isoformat() if shown and row["confirmed"] else None,
        }


def _events() -> type[pghistory.models.Event]:
    model = event_model_of(Station)
    assert model is not None, "the register keeps its history"
    return model
