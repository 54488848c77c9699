"""The keeper's page: everything he does in a day, at his own stations and at no other."""

from __future__ import annotations

import datetime

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from stations.actions import end_exception, except_hours, name_keepers
from stations.actions.duty import change_duty
from stations.actions.feedback import Sender, give_feedback
from stations.actions.supplies import move_supply
from stations.models import DutyShift, Feedback, OpeningException, Station, Supply, SupplyMove
from stations.schedule import Now, open_now
from tests.factories import make_account, make_county, make_station
from unionportal.organizations.roles import Role
from unionportal.states import TransitionRefused
from unionportal.tickets.lifecycle import State
from unionportal.tickets.models import Ticket

pytestmark = pytest.mark.django_db

Move = SupplyMove.Verb
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def wuhua():
    return make_county()


@pytest.fixture
def station(wuhua):
    return make_station(wuhua, hours_text="24小时")


@pytest.fixture
def other(wuhua):
    return make_station(wuhua, "别人的驿站", hours_text="24小时")


@pytest.fixture
def keeper(wuhua, station):
    account = make_account(Role.STATION_KEEPER, wuhua)
    name_keepers(station, [account], by=None)
    return account


@pytest.fixture
def at_work(client, keeper):
    client.force_login(keeper)
    return client


def page_of(station) -> str:
    return reverse("stations:keep", args=[station.code])


def press(client, station, do: str, **data):
    return client.post(page_of(station), {"do": do, **data}, follow=True)


# --- Getting there --------------------------------------------------------------------------------------------


def test_a_visitor_is_led_to_the_log_in(client, station):
    for address in (reverse("stations:keeper-home"), page_of(station)):
        answer = client.get(address)
        assert answer.status_code == 302 and "/admin/login/" in answer.url and "next=" in answer.url


def test_a_keeper_of_one_station_comes_straight_to_it(at_work, station):
    assert at_work.get(reverse("stations:keeper-home")).url == page_of(station)


def test_a_keeper_of_two_chooses(at_work, station, other, keeper):
    name_keepers(other, [keeper], by=None)
    listed = at_work.get(reverse("stations:keeper-home")).content.decode()
    assert page_of(station) in listed and page_of(other) in listed


def test_a_keeper_reaches_no_station_of_others(at_work, other):
    assert at_work.get(page_of(other)).status_code == 404
    assert at_work.post(page_of(other), {"do": "confirm"}).status_code == 404
    assert Station.objects.get(pk=other.pk).last_confirmed_on is None


def test_an_auditor_has_no_keepers_page(client, wuhua, station):
    client.force_login(make_account(Role.AUDITOR, wuhua))
    assert client.get(page_of(station)).status_code == 403


def test_a_first_password_is_changed_before_anything_else(at_work, keeper, station):
    keeper.must_change_password = True
    keeper.save()
    assert at_work.get(page_of(station)).url == reverse("admin:password_change")


# --- One button each ------------------------------------------------------------------------------------------


def test_all_as_shown_moves_the_day_of_confirmation(at_work, station):
    press(at_work, station, "confirm")
    assert Station.objects.get(pk=station.pk).last_confirmed_on == timezone.localdate()


def test_closing_now_shuts_the_door_for_visitors_and_the_reason_is_kept(at_work, station):
    press(at_work, station, "door", kind="closed", hours="2", reason="停水")
    held = OpeningException.objects.get()
    assert held.reason == "停水" and held.ends - held.begins == 2 * HOUR
    station = Station.objects.get(pk=station.pk)
    assert open_now(station, timezone.now()).state == Now.CLOSED
    press(at_work, station, "resume")
    assert open_now(Station.objects.get(pk=station.pk), timezone.now()).state == Now.OPEN


def test_the_hours_of_today_say_that_a_closure_holds_instead(at_work, station):
    assert "今天另有安排" not in at_work.get(page_of(station)).content.decode()
    shown = press(at_work, station, "door", kind="closed", hours="2", reason="停水").content.decode()
    assert "今天另有安排，以下方通知为准" in shown


def test_opening_after_closing_takes_the_closure_back(at_work, station):
    press(at_work, station, "door", kind="closed", hours="4", reason="停水")
    press(at_work, station, "door", kind="open", hours="1", reason="来水了")
    assert open_now(Station.objects.get(pk=station.pk), timezone.now()).state == Now.OPEN


def test_an_opening_that_the_county_enters_later_holds_within_the_rest_of_the_day_and_the_closure_around_it(
    at_work, station, wuhua
):
    press(at_work, station, "door", kind="closed", hours="0", reason="停水")
    now = timezone.now()
    times = {"begins": now, "ends": now + datetime.timedelta(minutes=2)}
    except_hours(station, kind="open", reason="高温值守", by=make_account(Role.CLERK, wuhua), **times)
    assert state(station, now) == (Now.OPEN, True)
    assert "高温值守" in at_work.get(page_of(station)).content.decode()
    later = now + datetime.timedelta(minutes=3)
    if timezone.localdate(later) == timezone.localdate(now):
        assert state(station, later) == (Now.CLOSED, False)


def test_the_keeper_opens_for_an_hour_within_a_closure_of_the_county_which_holds_again_after_it(
    at_work, station, wuhua
):
    now = timezone.now()
    times = {"begins": now - HOUR, "ends": now + 9 * HOUR}
    except_hours(station, kind="closed", reason="装修", by=make_account(Role.CLERK, wuhua), **times)
    press(at_work, station, "door", kind="open", hours="1", reason="来水了")
    assert state(station, now) == (Now.OPEN, True)
    assert state(station, now + 2 * HOUR) == (Now.CLOSED, False)


def state(station, moment) -> tuple[Now, bool]:
    """As Python and as SQL have it."""
    station = Station.objects.get(pk=station.pk)
    return open_now(station, moment).state, Station.objects.open_at(moment).filter(pk=station.pk).exists()


def test_the_same_door_button_pressed_twice_in_a_minute_leaves_one_closure(at_work, station):
    for _ in range(2):
        press(at_work, station, "door", kind="closed", hours="1", reason="停电")
    assert station.exceptions.filter(kind="closed").count() == 1
    gone = station.exceptions.get()
    OpeningException.objects.all().delete()
    with pytest.raises(ValidationError):
        end_exception(gone, by=None)


def test_a_supply_that_the_station_has_already_is_refused_in_words(at_work, station):
    for _ in range(2):
        answer = press(at_work, station, "new-supply", item="口罩", unit="个", season="all_year", low_at="10")
    assert station.supplies.count() == 1
    assert "已经有这种物品" in answer.content.decode() or "已有" in answer.content.decode()


def test_a_usual_reason_is_one_tap_and_words_of_ones_own_go_before_it(at_work, station):
    for own, kept in (("", "停水停电"), ("换锁", "换锁")):
        press(at_work, station, "door", kind="closed", hours="2", usual="0", reason=own)
        assert OpeningException.objects.not_over(timezone.now()).get().reason == kept


def test_who_is_at_work_is_not_asked_to_log_in(at_work, station):
    for address in (page_of(station), reverse("stations:visits")):
        footer = at_work.get(address).content.decode().partition("<footer")[2]
        assert "工作台" in footer and "工作人员登录" not in footer


def test_closing_without_a_reason_is_refused(at_work, station):
    press(at_work, station, "door", kind="closed", hours="2", reason=" ")
    assert not OpeningException.objects.exists()


def test_one_answer_settles_every_report_of_a_locked_door_and_takes_the_mark_off(at_work, station):
    for number in (1, 2, 3):
        give_feedback(station, Feedback.LOCKED, sender=Sender(f"192.0.2.{number}", str(number)))
    assert Station.objects.get(pk=station.pk).reported_locked_at
    press(at_work, station, "answer", ticket="locked", text="值班人员临时外出，已致歉。")
    assert set(Ticket.objects.values_list("state", flat=True)) == {State.ANSWERED}
    assert Station.objects.get(pk=station.pk).reported_locked_at is None


def test_a_ticket_of_another_station_is_not_answered_here(at_work, station, other):
    theirs = give_feedback(other, Feedback.BROKEN, sender=Sender("192.0.2.1", "1")).ticket
    press(at_work, station, "answer", ticket=theirs.pk, text="…")
    assert Ticket.objects.get().state == State.OPEN


def test_a_verb_that_does_not_exist_changes_nothing(at_work, station):
    assert press(at_work, station, "demolish").status_code == 200


# --- Supplies -------------------------------------------------------------------------------------------------


@pytest.fixture
def masks(station):
    return Supply.objects.create(station=station, item="口罩", unit="只", low_at=20)


@pytest.mark.system("A005")
def test_masks_and_winter_ginger_tea_come_in_go_out_are_taken_and_refilled(at_work, station, keeper, masks):
    press(at_work, station, "new-supply", item="姜汤", unit="杯", season="winter", low_at="10")
    tea = Supply.objects.get(item="姜汤", season=Supply.Season.WINTER)
    for supply in (masks, tea):
        for verb, quantity in ((Move.STOCK_IN, 100), (Move.PUT_OUT, 40), (Move.TAKEN, 35), (Move.PUT_OUT, 30)):
            press(at_work, station, "supply", supply=supply.pk, verb=verb, quantity=quantity)
        supply.refresh_from_db()
        assert (supply.in_stock, supply.on_shelf) == (30, 35)
        assert [(move.verb, move.quantity) for move in supply.moves.all()][::-1] == [
            ("stock_in", 100),
            ("put_out", 40),
            ("taken", 35),
            ("put_out", 30),
        ]


def test_what_runs_low_is_marked(masks, keeper):
    assert list(Supply.objects.low()) == [masks]
    move_supply(masks, Move.STOCK_IN, quantity=21, by=keeper)
    assert not Supply.objects.low().exists()


def test_no_more_is_taken_than_there_is(masks, keeper):
    move_supply(masks, Move.STOCK_IN, quantity=5, by=keeper)
    for verb in (Move.TAKEN, Move.PUT_OUT, Move.WRITE_OFF):
        with pytest.raises(ValidationError), transaction.atomic():
            move_supply(masks, verb, quantity=6, by=keeper)
    assert masks.moves.count() == 1


def test_a_keeper_moves_no_supplies_of_another_station(other, keeper):
    theirs = Supply.objects.create(station=other, item="口罩", unit="只")
    with pytest.raises(PermissionDenied):
        move_supply(theirs, Move.STOCK_IN, quantity=1, by=keeper)


# --- Duty -----------------------------------------------------------------------------------------------------


@pytest.fixture
def shift(station):
    now = timezone.now()
    return DutyShift.objects.create(station=station, person="演示·赵某", begins=now - HOUR, ends=now + HOUR)


@pytest.mark.system("A043")
def test_staff_on_the_roster_come_on_duty_and_hand_over(at_work, station):
    """The site at the casual-labour market: five rooms, each with somebody on duty."""
    rooms = ("站点", "读书角", "妈妈小屋", "心理关爱站", "工会法律服务")
    day = timezone.localdate()
    for room in rooms:
        data = {"person": "演示·赵某", "room": room, "begins": f"{day}T08:30", "ends": f"{day}T17:30"}
        press(at_work, station, "new-shift", **data)
    assert DutyShift.objects.filter(station=station).of_day(day).count() == len(rooms)
    shift = DutyShift.objects.get(room="工会法律服务")
    press(at_work, station, "duty", shift=shift.pk, verb="come_on")
    press(at_work, station, "duty", shift=shift.pk, verb="hand_over", handover="钥匙、登记簿已交")
    shift.refresh_from_db()
    assert (shift.state, shift.handover) == ("handed_over", "钥匙、登记簿已交")
    assert shift.came_at and shift.left_at


def test_nobody_hands_over_before_he_came_or_without_words(shift, keeper):
    with pytest.raises(TransitionRefused):
        change_duty(shift, "hand_over", by=keeper, handover="…")
    change_duty(shift, "come_on", by=keeper)
    with pytest.raises(ValidationError):
        change_duty(shift, "hand_over", by=keeper, handover=" ")
    with pytest.raises(IntegrityError), transaction.atomic():
        DutyShift.objects.update(state="handed_over")


def test_a_shift_past_midnight_belongs_to_both_days(station):
    today = timezone.localdate()
    begins = timezone.make_aware(datetime.datetime.combine(today, datetime.time(22)))
    DutyShift.objects.create(station=station, person="演示·钱某", begins=begins, ends=begins + 8 * HOUR)
    for days, found in ((-1, 0), (0, 1), (1, 1), (2, 0)):
        assert DutyShift.objects.all().of_day(today + datetime.timedelta(days=days)).count() == found


# --- The directory --------------------------------------------------------------------------------------------


def test_a_station_not_confirmed_for_long_sinks_below_those_that_are(wuhua):
    days = {"甲": None, "乙": 91, "丙": 89}
    for name, ago in days.items():
        day = timezone.localdate() - datetime.timedelta(days=ago) if ago else None
        make_station(wuhua, name, hours_text="24小时", last_confirmed_on=day)
    assert [row.name for row in Station.objects.open_first(timezone.now())] == ["丙", "甲", "乙"]


def test_a_station_found_locked_sinks_until_it_is_answered(wuhua):
    today = timezone.localdate()
    for name in ("甲", "乙"):
        make_station(wuhua, name, hours_text="24小时", last_confirmed_on=today)
    Station.objects.filter(name="甲").update(reported_locked_at=timezone.now())
    assert [row.name for row in Station.objects.open_first(timezone.now())] == ["乙", "甲"]
