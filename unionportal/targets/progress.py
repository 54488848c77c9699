"""How far a plan has come: targets by year, each with its shares and its quarters."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from unionportal.targets.lifecycle import TargetState
from unionportal.targets.models import Check, Target, printed


@dataclass
class Row:
    """A target with the figures of its four quarters (None where nothing was handed in) and its shares."""

    target: Target
    quarters: list[str]
    counted: str
    late: bool
    shares: list[Row] = field(default_factory=list)


def progress_of(targets: QuerySet[Target]) -> list[tuple[int, list[Row]]]:
    """(year, rows) of the targets given, whole ones with their shares below; a share whose whole the reader may not
    see stands by itself. A fixed number of queries, but for what the record counts.
    """
    found = list(targets.select_related("organization").prefetch_related("checks").order_by("year", "title", "pk"))
    rows = {target.pk: _row(target) for target in found}
    years: dict[int, list[Row]] = {}
    for target in found:
        above = rows.get(target.parent_id) if target.parent_id else None
        (above.shares if above else years.setdefault(target.year, [])).append(rows[target.pk])
    return sorted(years.items())


def _row(target: Target) -> Row:
    checks: dict[int, Check] = {check.quarter: check for check in target.checks.all() if check.year == target.year}
    counted: Any = target.counted
    return Row(
        target,
        [checks[quarter].figure if quarter in checks else "" for quarter in (1, 2, 3, 4)],
        "" if counted is None else printed(counted, target.unit),
        target.due_on < timezone.localdate() and target.state in (TargetState.SET, TargetState.ALLOCATED),
    )
