"""Many at once: first the naive way oversells, then the portal's way does not.

Threads with database connections of their own, and once processes, as gunicorn's workers are; a few hundred requests
in `make test`, thousands in `make soak`.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction

from campaigns import actions
from campaigns.lifecycle import CouponState, RegistrationState
from campaigns.models import Coupon, Pool, Registration
from members.actions import change_membership
from tests.campaigns.makers import make_activity, make_campaign, make_members, make_pool
from tests.factories import make_county

SOAK = os.environ.get("PORTAL_SOAK") == "1"
COUPONS, MEMBERS, THREADS = (1000, 2600, 24) if SOAK else (60, 150, 8)
PROCESSES = 6 if SOAK else 3

pytestmark = [pytest.mark.soak, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def county():
    return make_county()


def storm(work: Callable[[Any], Any], tasks: Sequence[Any]) -> list[Any]:
    """Do `work` on every task from THREADS threads that start together; answers or exceptions, in any order."""
    gate = threading.Barrier(THREADS)
    lots = [tasks[start::THREADS] for start in range(THREADS)]

    def run(lot: Sequence[Any]) -> list[Any]:
        gate.wait()
        try:
            return [_answer(work, task) for task in lot]
        finally:
            connections.close_all()

    with ThreadPoolExecutor(THREADS) as threads:
        return [answer for answers in threads.map(run, lots) for answer in answers]


def _answer(work: Callable[[Any], Any], task: Any) -> Any:
    try:
        return work(task)
    except Exception as error:
        return error


# --- Coupons -------------------------------------------------------------------------------------------------


def test_a_counter_without_a_lock_oversells(county):
    """The naive giveaway: look whether fewer than `size` were given, wait a moment, give one more."""
    size, given = 5, []
    both_have_looked = threading.Barrier(THREADS)

    def naive(_member: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM naive")
            few = cursor.fetchone()[0] < size
            both_have_looked.wait()
            if few:
                cursor.execute("INSERT INTO naive VALUES (1)")
                given.append(1)

    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE naive (one integer)")
    try:
        storm(naive, range(THREADS))
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE naive")
    assert len(given) > size


def test_a_coupon_picked_without_a_lock_is_given_to_two(county):
    """The naive claim: pick the first free coupon and write the member on it. The later writer wins in silence."""
    pool = make_pool(make_campaign(county), size=THREADS)
    members = make_members(county, THREADS)
    all_have_picked = threading.Barrier(THREADS)

    def naive(member: Any) -> int:
        coupon = Coupon.objects.filter(pool=pool).free().order_by("serial").first()
        all_have_picked.wait()
        Coupon.objects.filter(pk=coupon.pk).update(
            state=CouponState.CLAIMED, member=member, turn=1, claimed_at="2026-01-05T00:00Z"
        )
        return coupon.pk

    told = Counter(storm(naive, members))
    assert max(told.values()) > 1, "two members were told that the same coupon is theirs"


@pytest.mark.system("A144")
def test_a_thousand_coupons_go_to_a_thousand_members_and_not_one_more(county):
    pool = make_pool(make_campaign(county), size=COUPONS)
    members = make_members(county, MEMBERS)
    # Everybody clicks twice, in any order.
    clicks = [*members, *members]
    random.Random(20260131).shuffle(clicks)

    answers = storm(lambda member: actions.claim(Pool.objects.get(pk=pool.pk), member=member), clicks)

    given = [answer for answer in answers if isinstance(answer, Coupon)]
    refused = [answer for answer in answers if not isinstance(answer, Coupon)]
    assert all(isinstance(r, ValidationError) and r.code == "exhausted" for r in refused), Counter(map(repr, refused))
    assert Coupon.objects.filter(pool=pool).count() == COUPONS
    assert Coupon.objects.filter(pool=pool, state=CouponState.CLAIMED).count() == COUPONS
    assert Coupon.objects.filter(pool=pool).values("member").distinct().count() == COUPONS
    assert len({coupon.pk for coupon in given}) == COUPONS
    # Whoever was told "yes" once was told the same coupon every time.
    assert len({(coupon.member_id, coupon.pk) for coupon in given}) == COUPONS


def test_claims_from_many_processes_end_in_exactly_as_many_coupons_as_there_are(county):
    """Nothing is shared but the database: each process has its own memory, locks and connection."""
    pool = make_pool(make_campaign(county), size=COUPONS // 3)
    members = make_members(county, MEMBERS // 3)
    lot = len(members) // PROCESSES
    claimants = [
        subprocess.Popen(
            [sys.executable, "-m", "tests.campaigns.claimant", connection.settings_dict["NAME"], *map(str, numbers)],
            cwd=settings.BASE_DIR,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for numbers in [(pool.pk, serial * lot) for serial in range(PROCESSES)]
    ]
    assert [claimant.stdout.readline() for claimant in claimants] == ["ready\n"] * PROCESSES
    for claimant in claimants:
        claimant.stdin.write("go\n")
        claimant.stdin.flush()
    told = [tuple(pair) for claimant in claimants for pair in json.loads(claimant.communicate(timeout=120)[0])]
    given = Coupon.objects.filter(pool=pool).exclude(state=CouponState.FREE)
    assert given.count() == pool.size
    assert given.values("member").distinct().count() == pool.size
    # Every process asked for everybody: whoever was told "yes", by whichever, was told the same coupon.
    assert {pair for pair in told if not isinstance(pair[1], str)} == set(given.values_list("member_id", "pk"))
    assert {why for _member, why in told if isinstance(why, str)} == {"exhausted"}


def test_nobody_closes_a_giveaway_in_the_middle_of_a_claim(county):
    """A claim that was judged before the closing is committed before it; one judged afterwards is refused."""
    pool = make_pool(make_campaign(county), size=2)
    early, late = make_members(county, 2)
    claimed, closing = threading.Event(), threading.Event()
    order: list[str] = []

    def claim(_task: Any) -> None:
        with transaction.atomic():
            actions.claim(pool, member=early)
            claimed.set()
            closing.wait(10)
            time.sleep(0.3)
            order.append("claimed")
        connections.close_all()

    def close(_task: Any) -> None:
        claimed.wait(10)
        closing.set()
        actions.change_pool_state(pool, "close", by=None)
        order.append("closed")
        connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        for done in [threads.submit(claim, 0), threads.submit(close, 0)]:
            done.result()
    assert order == ["claimed", "closed"]
    with pytest.raises(ValidationError) as refused:
        actions.claim(pool, member=late)
    assert refused.value.code == "closed"


def test_one_member_on_many_phones_gets_one_coupon(county):
    pool = make_pool(make_campaign(county), size=5)
    (member,) = make_members(county, 1)
    answers = storm(lambda _click: actions.claim(pool, member=member), range(THREADS * 6))
    assert {answer.pk for answer in answers} == {Coupon.objects.get(member=member).pk}


def test_the_last_coupon_is_not_called_gone_while_a_claim_on_it_may_still_fail(county):
    """One holds the last coupon and gives up; the other has waited, and gets it."""
    pool = make_pool(make_campaign(county), size=1)
    hesitant, patient = make_members(county, 2)
    holding, let_go = threading.Event(), threading.Event()

    def hesitate(_task: Any) -> None:
        with transaction.atomic():
            actions.claim(pool, member=hesitant)
            holding.set()
            let_go.wait(10)
            transaction.set_rollback(True)
        connections.close_all()

    def be_patient(_task: Any) -> Coupon:
        holding.wait(10)
        threading.Timer(0.3, let_go.set).start()
        try:
            return actions.claim(pool, member=patient)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as threads:
        first, second = threads.submit(hesitate, 0), threads.submit(be_patient, 0)
        first.result()
        assert second.result().member == patient


# --- Places --------------------------------------------------------------------------------------------------


def test_places_counted_without_a_lock_are_stopped_by_the_database(county):
    """Everybody sees one free place and takes it past the action: the trigger lets one in."""
    activity = make_activity(make_campaign(county), capacity=1)
    members = make_members(county, THREADS)
    all_have_counted = threading.Barrier(THREADS)

    def naive(member: Any) -> Registration:
        free = activity.places_left()
        all_have_counted.wait()
        assert free == 1
        return Registration.objects.create(activity=activity, member=member, state=RegistrationState.CONFIRMED)

    answers = storm(naive, members)
    assert sum(isinstance(answer, Registration) for answer in answers) == 1
    refusals = {e.__cause__.diag.constraint_name for e in answers if not isinstance(e, Registration)}
    assert refusals == {"activity_not_oversold"}
    assert activity.places_taken() == 1


def test_without_the_trigger_the_same_requests_would_oversell(county):
    activity = make_activity(make_campaign(county), capacity=1)
    members = make_members(county, THREADS)
    all_have_counted = threading.Barrier(THREADS)

    def naive(member: Any) -> Registration:
        free = activity.places_left()
        all_have_counted.wait()
        assert free == 1
        return Registration.objects.create(activity=activity, member=member, state=RegistrationState.CONFIRMED)

    trigger = next(t for t in Registration._meta.triggers if t.name == "activity_not_oversold")
    trigger.disable(Registration)
    try:
        storm(naive, members)
        assert activity.places_taken() > 1
    finally:
        trigger.enable(Registration)


def test_a_rush_on_few_places_fills_them_all_and_lets_the_rest_wait(county):
    activity = make_activity(make_campaign(county), capacity=7)
    members = make_members(county, 60)
    answers = storm(lambda member: actions.sign_up(activity, member=member), [*members, *members])
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    states = Counter(Registration.objects.filter(activity=activity).values_list("state", flat=True))
    assert states == {"confirmed": 7, "waiting": 53}


def test_sign_ups_cancellations_and_a_changing_capacity_end_full_and_in_order(county):
    """After the storm no place is free while somebody waits, none is oversold, and the line kept its order."""
    activity = make_activity(make_campaign(county), capacity=10)
    members = make_members(county, 80)
    dice = random.Random(7)

    def live(member: Any) -> None:
        registration = actions.sign_up(activity, member=member)
        if dice.random() < 0.4:
            actions.cancel(registration, member=member)
        if dice.random() < 0.2:
            fresh = type(activity).objects.get(pk=activity.pk)
            fresh.capacity = dice.choice([10, 12, 15])
            actions.save_activity(fresh, by=None)

    answers = storm(live, members)
    odd = [a for a in answers if isinstance(a, Exception) and not isinstance(a, ValidationError)]
    assert not odd
    activity.refresh_from_db()
    actions.move_up(activity, by=None)
    taken, waiting = activity.places_taken(), Registration.objects.filter(activity=activity).in_line()
    assert taken <= activity.capacity
    assert taken == activity.capacity or not waiting.exists()


def test_members_who_leave_while_others_sign_up_keep_no_place_and_lock_nobody_out(county):
    activity = make_activity(make_campaign(county), capacity=6)
    members = make_members(county, 40)
    leavers = set(members[::3])

    def live(member: Any) -> None:
        actions.sign_up(activity, member=member)
        if member in leavers:
            change_membership(member, "leave", by=None)
        else:
            actions.sign_up(activity, member=member)

    answers = storm(live, members)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    standing = Registration.objects.filter(activity=activity).standing()
    assert not standing.filter(member__in=leavers).exists()
    assert activity.places_taken() == 6
