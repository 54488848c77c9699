"""Makers of checks and honours, through the verbs."""

from __future__ import annotations

from typing import Any

from stations.actions import begin_check, change_check, change_honour, fill_in, nominate
from stations.models import Honour, Station, StationAssessment
from tests.standards.makers import stars_standard
from unionportal.standards.models import Assessment, Standard

HERE = {"latitude": 25.04, "longitude": 102.71}


def make_check(
    station: Station, standard: Standard | None = None, *, level: str = "county", met: Any = True, by: Any = None
) -> StationAssessment:
    """A check that is handed in: `met` for every criterion, or a list of answers in order (None: left open)."""
    standard = standard or stars_standard()
    check = begin_check(station, standard, level=level, by=by)
    criteria = list(standard.criteria.all())
    answers = met if isinstance(met, list) else [met] * len(criteria)
    fill_in(check, {c.pk: {"met": answer} for c, answer in zip(criteria, answers, strict=True)}, by=by)
    return change_check(check, "submit", by=by)


def make_confirmed(
    station: Station, standard: Standard | None = None, *, by: Any = None, **how: Any
) -> StationAssessment:
    """A confirmed check."""
    check = change_check(make_check(station, standard, **how), "confirm_check", by=by)
    assert check.assessment.state == Assessment.State.CONFIRMED
    return check


def make_stars(
    station: Station, stars: int = 3, *, level: str = "city", year: int = 2026, published: bool = True
) -> Honour:
    """Published, or confirmed, stars that rest on a confirmed check."""
    check = make_confirmed(station)
    honour = nominate(station, kind="stars", level=level, year=year, stars=stars, check=check, by=None)
    return publish(honour) if published else _led(honour, "select", "confirm_honour")


def publish(honour: Honour, *, by: Any = None) -> Honour:
    """From the nomination to the published list."""
    return _led(honour, "select", "confirm_honour", "publish_honour", by=by)


def _led(honour: Honour, *verbs: str, by: Any = None) -> Honour:
    for verb in verbs:
        honour = change_honour(honour, verb, by=by)
    return honour
