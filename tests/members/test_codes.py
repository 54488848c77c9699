"""Codes to phones, and how often they may be asked for."""

import datetime

import pytest
import time_machine

from members.actions import TooMany, check_code, forget_codes, send_code
from members.models import PhoneCode
from tests.members.people import new_phone
from unionportal.limits import Limit, allow, forget_counts
from unionportal.models import RateCount

NOW = datetime.datetime(2026, 5, 6, 2, 0, tzinfo=datetime.UTC)


@pytest.fixture
def clock(db):
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


def test_the_right_code_opens_once(clock):
    phone = new_phone()
    code = send_code(phone, address="192.0.2.1")
    assert check_code(phone, code, address="192.0.2.1")
    assert not check_code(phone, code, address="192.0.2.1")


def test_a_code_opens_no_other_phone(clock):
    code = send_code(new_phone(), address="192.0.2.1")
    assert not check_code(new_phone(), code, address="192.0.2.1")


def test_a_code_runs_out_after_five_minutes(clock):
    phone = new_phone()
    code = send_code(phone, address="192.0.2.1")
    clock.shift(datetime.timedelta(minutes=5))
    assert not check_code(phone, code, address="192.0.2.1")


def test_five_wrong_answers_tire_a_code_out(clock):
    phone = new_phone()
    code = send_code(phone, address="192.0.2.1")
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"
    for _ in range(5):
        assert not check_code(phone, wrong, address="192.0.2.1")
    assert not check_code(phone, code, address="192.0.2.1")


def test_a_new_code_ends_the_one_before(clock):
    phone = new_phone()
    first = send_code(phone, address="192.0.2.1")
    clock.shift(datetime.timedelta(seconds=61))
    second = send_code(phone, address="192.0.2.1")
    assert first == second or not check_code(phone, first, address="192.0.2.1")
    assert check_code(phone, second, address="192.0.2.1")


def test_one_code_a_minute_and_five_a_day_for_a_phone(clock):
    phone = new_phone()
    for number in range(5):
        send_code(phone, address=f"192.0.2.{number}")
        with pytest.raises(TooMany):
            send_code(phone, address="192.0.2.9")
        clock.shift(datetime.timedelta(seconds=61))
    with pytest.raises(TooMany):
        send_code(phone, address="192.0.2.9")
    clock.shift(datetime.timedelta(days=1))
    send_code(phone, address="192.0.2.9")


def test_twenty_codes_an_hour_for_an_address(clock):
    for _ in range(20):
        send_code(new_phone(), address="192.0.2.1")
    with pytest.raises(TooMany):
        send_code(new_phone(), address="192.0.2.1")
    send_code(new_phone(), address="192.0.2.2")
    clock.shift(datetime.timedelta(hours=1))
    send_code(new_phone(), address="192.0.2.1")


def test_the_counters_and_codes_hold_no_phone_and_are_forgotten(clock):
    phone = new_phone()
    code = send_code(phone, address="192.0.2.1")
    kept = str(list(RateCount.objects.values())) + str(list(PhoneCode.objects.values()))
    assert phone not in kept
    assert f"'{code}'" not in kept
    clock.shift(datetime.timedelta(days=2))
    assert forget_codes() == 1
    assert forget_counts() == 3


def test_a_limit_counts_from_its_first_hit(clock):
    limit = Limit("test", 2, datetime.timedelta(minutes=10))
    assert allow(limit, "x")
    clock.shift(datetime.timedelta(minutes=9))
    assert allow(limit, "x")
    assert not allow(limit, "x")
    assert allow(limit, "y")
    clock.shift(datetime.timedelta(minutes=1))
    assert allow(limit, "x")
