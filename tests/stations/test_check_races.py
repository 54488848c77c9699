"""Two who confirm at once confirm once, and what is to be put right is opened once."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.core.exceptions import ValidationError
from django.db import connections

from stations.actions import begin_check, change_check, change_honour
from stations.models import HonourDecision, Rectification, StationAssessment
from tests.factories import make_county, make_station
from tests.standards.makers import make_standard
from tests.stations.checks import make_check, make_stars
from unionportal.states import TransitionRefused

pytestmark = pytest.mark.django_db(transaction=True)
THREADS = 4


def at_once(work):
    """The answers, or refusals, of THREADS who do `work` together."""
    gate = threading.Barrier(THREADS)

    def run(_n):
        gate.wait()
        try:
            return work()
        except (TransitionRefused, ValidationError) as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as threads:
        return list(threads.map(run, range(THREADS)))


def refused(answers) -> int:
    return sum(isinstance(answer, Exception) for answer in answers)


@pytest.fixture
def station():
    return make_station(make_county(), latitude=25.04, longitude=102.71)


def test_a_check_confirmed_by_four_at_once_opens_one_rectification(station):
    check = make_check(station, make_standard({}, {}), met=[True, False])
    answers = at_once(lambda: change_check(check, "confirm_check", by=None))
    assert refused(answers) == THREADS - 1
    assert Rectification.objects.count() == 1


def test_four_who_begin_the_same_check_begin_one(station):
    standard = make_standard({})
    answers = at_once(lambda: begin_check(station, standard, level="county", by=None))
    assert refused(answers) == THREADS - 1
    assert StationAssessment.objects.count() == 1


def test_stars_withdrawn_by_four_at_once_are_withdrawn_once(station):
    honour = make_stars(station)
    answers = at_once(lambda: change_honour(honour, "withdraw_honour", by=None, reason="x"))
    assert refused(answers) == THREADS - 1
    assert HonourDecision.objects.count() == 1
