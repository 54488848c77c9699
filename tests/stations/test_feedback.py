"""A visitor's word on a station: two taps, no account, no trail; three strangers before a locked door count."""

from __future__ import annotations

import datetime
import io
import re
from html import unescape

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from stations.actions import change_state, name_keepers
from stations.actions.feedback import Said, Sender, forget_senders, give_feedback, network_of
from stations.models import Feedback, Station, StationTicket
from stations.models.feedback import LOCKED_WINDOW, times_reported_locked
from tests.factories import make_account, make_county, make_station, make_union
from unionportal.audit.models import AuditEvent
from unionportal.limits import RateCount
from unionportal.organizations.models import RoleAssignment
from unionportal.organizations.roles import Role
from unionportal.tickets import actions as tickets
from unionportal.tickets.lifecycle import State
from unionportal.tickets.models import Ticket

pytestmark = pytest.mark.django_db

# A Monday at ten, well inside the hours below.
TEN = datetime.datetime(2026, 11, 16, 10, tzinfo=timezone.get_default_timezone())
HOUR, DAY = datetime.timedelta(hours=1), datetime.timedelta(days=1)


@pytest.fixture
def wuhua():
    return make_county()


@pytest.fixture
def station(wuhua):
    return make_station(wuhua, hours_text="周一至周日 8:30-17:30")


@pytest.fixture
def keeper(wuhua, station):
    account = make_account(Role.STATION_KEEPER, wuhua)
    name_keepers(station, [account], by=None)
    return account


def locked(station, number: int, at=TEN, **sender) -> StationTicket:
    who = Sender(**{"address": f"192.0.2.{number}", "device": f"device-{number}"} | sender)
    return give_feedback(station, Feedback.LOCKED, sender=who, at=at)


def is_marked(station) -> bool:
    return Station.objects.get(pk=station.pk).reported_locked_at is not None


# --- Three strangers ------------------------------------------------------------------------------------------


def test_three_independent_reports_inside_the_hours_mark_the_station(station):
    for number in (1, 2):
        locked(station, number)
        assert not is_marked(station)
    locked(station, 3)
    assert is_marked(station)


def test_one_address_with_three_cookies_is_one_sender(station):
    for number in (1, 2, 3, 4):
        locked(station, number, address="192.0.2.9")
    assert not is_marked(station)


def test_one_cookie_from_three_addresses_is_one_sender(station):
    for number in (1, 2, 3, 4):
        locked(station, number, at=TEN + number * HOUR, device="same")
    assert not is_marked(station)


def test_a_sender_who_changes_address_and_cookie_by_turns_stays_one(station):
    locked(station, 1)
    locked(station, 2, address="192.0.2.1")
    locked(station, 3, device="device-2")
    assert not is_marked(station)
    assert StationTicket.objects.filter(is_independent=True).count() == 1


def test_the_addresses_of_one_ipv6_household_are_one(station):
    assert network_of("2001:db8:1:2:aaaa::1") == network_of("2001:db8:1:2:bbbb::9") != network_of("2001:db8:1:3::1")


def test_a_report_without_a_cookie_is_a_ticket_but_does_not_count(station):
    for number in (1, 2, 3):
        locked(station, number, device="")
    assert Ticket.objects.count() == 3
    assert not is_marked(station)


def test_reports_from_outside_the_opening_hours_do_not_count(station):
    for number in (1, 2, 3):
        locked(station, number, at=TEN + 10 * HOUR)
    assert not is_marked(station)
    assert set(StationTicket.objects.values_list("during_hours", flat=True)) == {False}


def test_who_came_before_the_door_opened_still_counts_when_it_is_locked_in_the_hours(station):
    for number in (1, 2, 3):
        locked(station, number, at=TEN - 3 * HOUR)
        locked(station, number)
    assert is_marked(station)


def test_a_station_out_of_service_is_not_found_locked_whatever_its_week_says(station):
    change_state(station, "suspend", by=None, reason="装修")
    assert [locked(station, number).during_hours for number in (1, 2, 3)] == [False] * 3
    assert not is_marked(station)


def test_where_the_hours_are_not_known_nothing_counts(wuhua):
    unknown = make_station(wuhua, "无时间驿站")
    for number in (1, 2, 3):
        locked(unknown, number)
    assert not is_marked(unknown)


def test_reports_further_apart_than_the_window_do_not_add_up(station):
    locked(station, 1)
    locked(station, 2)
    locked(station, 3, at=TEN + LOCKED_WINDOW + DAY)
    assert not is_marked(station)


def test_other_words_do_not_mark_a_station_as_locked(station):
    for number in (1, 2, 3):
        give_feedback(station, Feedback.BROKEN, sender=Sender(f"192.0.2.{number}", str(number)), at=TEN)
    assert not is_marked(station)


def test_the_mark_stays_until_the_last_report_is_answered(station, keeper):
    reports = [locked(station, number).ticket for number in (1, 2, 3)]
    tickets.answer(reports[0], text="钥匙坏了", by=keeper)
    assert is_marked(station)
    tickets.move(reports[1:], "answer", by=keeper, text="已换锁，今天起照常开放。")
    assert not is_marked(station)


def test_a_mark_is_set_again_when_the_answers_prove_false(station, keeper, monkeypatch):
    reports = [locked(station, number, at=timezone.localtime().replace(hour=10) - DAY).ticket for number in (1, 2, 3)]
    tickets.move(reports, "answer", by=keeper, text="已开")
    for ticket in reports:
        tickets.reopen(ticket, by=keeper)
    assert is_marked(station)


def test_a_report_of_a_locked_door_is_not_closed_without_an_answer(station, keeper, wuhua):
    ticket = locked(station, 1).ticket
    for account in (keeper, make_account(Role.CLERK, wuhua)):
        with pytest.raises(ValidationError):
            tickets.close([ticket], by=account, reason="当天确实开门")
    tickets.answer(ticket, text="钥匙坏了", by=keeper)
    assert tickets.close([ticket], by=keeper)[0].state == State.CLOSED


def test_a_report_of_a_locked_door_is_answered_in_public(station, keeper):
    report = locked(station, 1).ticket
    with pytest.raises(ValidationError, match="公开"):
        tickets.answer(report, text="已处理", by=keeper, public=False)
    tickets.answer(report, text="门锁已修好", by=keeper)


def test_one_that_was_opened_again_is_not_closed_on_the_old_answer(station, keeper, wuhua):
    clerk = make_account(Role.CLERK, wuhua)
    report = tickets.answer(locked(station, 1).ticket, text="门锁已修好", by=keeper)
    tickets.reopen(report, by=clerk, reason="还是锁着")
    with pytest.raises(ValidationError):
        tickets.close([report], by=clerk, reason="已答复")


def test_the_county_finds_a_report_untrue_and_neither_the_keeper_nor_a_street_does(station, keeper, wuhua):
    street = make_union(wuhua)
    Station.objects.filter(pk=station.pk).update(organization=street)
    ticket = locked(Station.objects.get(pk=station.pk), 1).ticket
    for account in (keeper, make_account(Role.REVIEWER, street)):
        with pytest.raises(PermissionDenied):
            tickets.dismiss([ticket], by=account, reason="当天确实开门，有监控为证")
    clerk = make_account(Role.CLERK, wuhua)
    with pytest.raises(ValidationError):
        tickets.dismiss([ticket], by=clerk, reason=" ")
    assert tickets.dismiss([ticket], by=clerk, reason="当天确实开门，有监控为证")[0].state == State.CLOSED


def test_a_clerk_who_keeps_the_station_finds_no_report_about_it_untrue(station, wuhua):
    both = make_account(Role.CLERK, wuhua)
    RoleAssignment.objects.create(account=both, role=Role.STATION_KEEPER, organization=wuhua)
    name_keepers(station, [both], by=None)
    with pytest.raises(PermissionDenied):
        tickets.dismiss([locked(station, 1).ticket], by=both, reason="当天确实开门")


def test_three_reports_together_count_once_whatever_the_keeper_answers_and_however_fast(station, keeper):
    for number in (1, 2, 3, 4):
        tickets.answer(locked(station, number, at=TEN + number * HOUR).ticket, text="我们开着门。", by=keeper)
    assert not is_marked(station)
    assert times_reported_locked(station) == [TEN + 3 * HOUR]
    for number in (5, 6, 7):
        locked(station, number, at=TEN + LOCKED_WINDOW + DAY)
    assert len(times_reported_locked(station)) == 2


def test_reports_found_untrue_do_not_count_unless_they_are_opened_again(station, wuhua):
    clerk = make_account(Role.CLERK, wuhua)
    reports = [locked(station, number).ticket for number in (1, 2, 3)]
    tickets.answer(reports[0], text="我们开着门。", by=clerk)
    tickets.dismiss([reports[0]], by=clerk, reason="当天确实开门，有监控为证")
    assert times_reported_locked(station) == []
    tickets.reopen(reports[0], by=clerk, reason="监控日期有误")
    assert times_reported_locked(station) == [TEN]


# --- No trail -------------------------------------------------------------------------------------------------


def test_a_sender_looks_different_at_every_station(wuhua, station):
    other = make_station(wuhua, "另一驿站", hours_text="周一至周日 8:30-17:30")
    one, two = locked(station, 1), locked(other, 1)
    assert one.sender_address != two.sender_address
    assert one.sender_device != two.sender_device
    assert "192.0.2.1" not in one.sender_address + one.sender_device


def test_what_tells_senders_apart_is_forgotten_after_the_window(station):
    locked(station, 1)
    assert forget_senders(TEN + LOCKED_WINDOW - HOUR) == 0
    assert forget_senders(TEN + LOCKED_WINDOW + HOUR) == 1
    kept = StationTicket.objects.get()
    assert (kept.sender_address, kept.sender_device, kept.is_independent) == ("", "", True)


def test_a_second_tap_is_no_second_ticket_but_further_words_are(station):
    locked(station, 1)
    locked(station, 1, at=TEN + datetime.timedelta(minutes=5))
    assert Ticket.objects.count() == 1
    give_feedback(station, Feedback.LOCKED, sender=Sender("192.0.2.1", "device-1"), said=Said("还是锁着"), at=TEN)
    assert Ticket.objects.count() == 2


# --- The page -------------------------------------------------------------------------------------------------


def page_of(station) -> str:
    return reverse("stations:feedback", args=[station.code])


def test_two_taps_make_a_ticket_for_the_owner(client, station, wuhua):
    assert page_of(station) in client.get(station.get_absolute_url()).content.decode()
    client.get(page_of(station))
    sent = client.post(page_of(station), {"kind": "station-broken"})
    assert sent.status_code == 302 and client.get(sent.url).status_code == 200
    ticket = Ticket.objects.get()
    assert (ticket.organization, ticket.about, ticket.category) == (wuhua, station.name, "station-broken")
    assert ticket.due_at - ticket.reported_at == 3 * DAY
    assert not AuditEvent.objects.exclude(ip=None).exists()


def test_before_anything_is_sent_the_form_says_whether_the_door_should_be_open(client, station):
    for hour, said in ((9, "开放中 · 至 17:30"), (20, "现在不开放 · 明天 08:30 开放")):
        with time_machine.travel(TEN.replace(hour=hour), tick=False):
            shown = client.get(page_of(station)).content.decode()
        assert said in " ".join(re.sub(r"<[^>]+>", " ", shown).split())
    change_state(station, "suspend", by=None, reason="屋顶维修")
    assert "屋顶维修" in client.get(page_of(station)).content.decode()


@pytest.mark.parametrize(
    ("position", "led_to"),
    [({"latitude": 25.04, "longitude": 102.71}, "?near=25.04000,102.71000&open=now"), ({}, "?open=now")],
)
def test_who_reported_a_locked_door_is_led_to_one_that_is_open(client, wuhua, position, led_to):
    station = make_station(wuhua, **position)
    sent = client.post(page_of(station), {"kind": "station-locked"}, follow=True)
    assert f'href="/stations/{led_to}"' in unescape(sent.content.decode())


def test_thanks_owe_no_answer(client, station):
    client.get(page_of(station))
    client.post(page_of(station), {"kind": "station-thanks"})
    assert not Ticket.objects.owed().exists() and Ticket.objects.count() == 1


def test_the_form_carries_a_token_and_the_public_page_none(client, station):
    assert "csrfmiddlewaretoken" in client.get(page_of(station)).content.decode()
    public = client.get(station.get_absolute_url())
    assert "csrfmiddlewaretoken" not in public.content.decode() and not public.cookies
    assert "no-store" in client.get(page_of(station))["Cache-Control"]


def test_a_photo_loses_what_the_phone_wrote_into_it_and_is_not_public(client, station, wuhua):
    exif = Image.Exif()
    exif[0x010F] = "SecretPhone"
    data = io.BytesIO()
    Image.new("RGB", (900, 600), "red").save(data, "JPEG", exif=exif)
    assert b"SecretPhone" in data.getvalue()
    client.get(page_of(station))
    photo = SimpleUploadedFile("door.jpg", data.getvalue(), "image/jpeg")
    client.post(page_of(station), {"kind": "station-broken", "photo": photo, "text": "灯坏了"})
    stored = Ticket.objects.get().photo
    assert b"SecretPhone" not in stored.read()
    assert client.get(f"/media/{stored.name}").status_code == 404
    address = reverse("admin:tickets_ticket_photo", args=[Ticket.objects.get().pk])
    assert client.get(address).status_code == 302
    client.force_login(make_account(Role.CLERK, wuhua))
    assert b"".join(client.get(address).streaming_content)[:4] == b"RIFF"


def test_what_is_no_picture_is_refused_with_a_reason(client, station):
    client.get(page_of(station))
    answer = client.post(
        page_of(station), {"kind": "station-broken", "photo": SimpleUploadedFile("x.jpg", b"no picture")}
    )
    assert answer.status_code == 400 and not Ticket.objects.exists()


def test_a_robot_that_fills_every_field_is_thanked_and_forgotten(client, station):
    client.get(page_of(station))
    assert client.post(page_of(station), {"kind": "station-locked", "website": "http://spam"}).status_code == 302
    assert not Ticket.objects.exists()


def test_the_history_of_a_marked_station_knows_no_address_of_who_reported_it(client, station, monkeypatch):
    monkeypatch.setattr(timezone, "now", lambda: TEN)
    address = reverse("stations:feedback", args=[station.code])
    for number in (1, 2, 3):
        client.cookies.clear()
        client.get(address, REMOTE_ADDR=f"198.51.100.{number}")
        client.post(address, {"kind": "station-locked"}, REMOTE_ADDR=f"198.51.100.{number}")
    assert is_marked(station)
    contexts = Station.pgh_event_model.objects.filter(pgh_obj=station).values_list("pgh_context__metadata", flat=True)
    assert "198.51.100" not in str(list(contexts))


def picture() -> SimpleUploadedFile:
    data = io.BytesIO()
    Image.new("RGB", (60, 40), "red").save(data, "PNG")
    return SimpleUploadedFile("door.png", data.getvalue())


def test_what_cannot_be_read_counts_against_the_limit_before_a_picture_is_taken_apart(client, station):
    address = reverse("stations:feedback", args=[station.code])
    answers = [client.post(address, {"kind": "nonsense", "photo": picture()}).status_code for _ in range(9)]
    assert answers == [400] * 8 + [429]


def test_a_picture_that_must_be_decoded_whole_is_smaller_than_a_jpeg_may_be(client, station):
    big = Image.new("1", (4001, 4001))
    for name, status in (("PNG", 400), ("JPEG", 302)):
        data = io.BytesIO()
        big.convert("L").save(data, name)
        given = SimpleUploadedFile(f"door.{name.lower()}", data.getvalue())
        sent = client.post(
            reverse("stations:feedback", args=[station.code]), {"kind": "station-broken", "photo": given}
        )
        assert sent.status_code == status


def test_one_address_cannot_flood_a_station(client, station):
    client.get(page_of(station))
    answers = [client.post(page_of(station), {"kind": "station-broken", "text": str(n)}) for n in range(10)]
    assert [answer.status_code for answer in answers].count(429) == 2
    assert Ticket.objects.count() == 8
    assert not any("127.0.0.1" in key for key in RateCount.objects.values_list("key", flat=True))


def test_a_forged_device_cookie_is_no_device(client, station):
    client.cookies["feedback_device"] = "invented:by:hand"
    client.post(page_of(station), {"kind": "station-locked"})
    assert StationTicket.objects.get().sender_device == ""


def test_a_station_that_nobody_can_visit_takes_no_feedback(client, wuhua):
    planned = make_station(wuhua, "规划中驿站", status="planned")
    assert client.get(page_of(planned)).status_code == 404


def test_the_mark_stands_on_the_card_and_on_the_page(client, station):
    for number in (1, 2, 3):
        locked(station, number)
    for address in (reverse("stations:directory"), station.get_absolute_url()):
        assert 'class="notice"' in client.get(address).content.decode()


def test_the_answer_is_public_and_the_reporters_words_are_not(client, station, keeper):
    client.get(page_of(station))
    client.post(
        page_of(station), {"kind": "station-broken", "text": "秘密的话", "latitude": "25.1", "longitude": "102.7"}
    )
    tickets.answer(Ticket.objects.get(), text="微波炉已修好。", by=keeper)
    page = client.get(station.get_absolute_url()).content.decode()
    assert "微波炉已修好。" in page
    assert "秘密的话" not in page and "102.7" not in page.replace(str(station.longitude), "")


def test_a_keeper_answers_for_his_own_station_only(client, wuhua, station, keeper):
    other = make_station(wuhua, "别人的驿站", hours_text="周一至周日 8:30-17:30")
    own, theirs = locked(station, 1).ticket, locked(other, 1).ticket
    assert set(Ticket.objects.reached_by(keeper, "answer")) == {own}
    assert keeper.has_perm("tickets.answer_ticket", own)
    assert not keeper.has_perm("tickets.answer_ticket", theirs)


def test_the_devices_cookie_is_sent_to_this_stations_form_only(client, station):
    cookie = client.get(page_of(station)).cookies["feedback_device"]
    assert cookie["path"] == page_of(station)
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and cookie["max-age"] == 7 * 24 * 3600


@pytest.mark.parametrize("address", ["/stations/{code}/feedback/none/", "/stations/NONE/feedback/station-locked/"])
def test_thanks_for_nothing_or_at_no_station_are_not_found(client, station, address):
    answer = client.get(address.format(code=station.code))
    assert answer.status_code == 404 and "找不到这个页面" in answer.content.decode()
