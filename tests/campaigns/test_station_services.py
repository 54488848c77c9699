"""What is held at stations again and again: planned, held, told of; an open day with its prizes."""

from __future__ import annotations

import datetime
import io

import pytest
import time_machine
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from campaigns import actions
from campaigns.actions.series import MOST_REPEATS, days_after
from campaigns.models import Activity, Campaign, Coupon
from stations.models import StationKind
from tests.campaigns.makers import hours, make_activity, make_campaign, make_members, make_pool
from tests.factories import make_station
from unionportal.audit.models import AuditEvent
from unionportal.organizations.models import Partner
from unionportal.states import TransitionRefused

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 7, 1, 9, tzinfo=datetime.UTC)


@pytest.fixture(autouse=True)
def _first_of_july():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture
def station(wuhua):
    return make_station(wuhua, "文林街驿站")


@pytest.fixture
def coolness(wuhua):
    return make_campaign(wuhua, title="送清凉", kind=Campaign.Kind.CARE, season=Campaign.Season.SUMMER)


@pytest.fixture
def service_day(coolness, station):
    """Friday the 3rd of July 2026, ten places."""
    starts = datetime.datetime(2026, 7, 3, 7, tzinfo=datetime.UTC)  # 15:00 in Kunming
    return make_activity(
        coolness,
        title="驿站服务日",
        led_by="共建单位·示例医院（演示）",
        station=station,
        place="",
        capacity=10,
        starts_at=starts,
        sign_up_until=starts - hours(24),
    )


def day(month: int, number: int) -> datetime.date:
    return datetime.date(2026, month, number)


def dates(activities: list[Activity]) -> list[datetime.date]:
    return [timezone.localdate(activity.starts_at) for activity in activities]


def held(activity: Activity) -> Activity:
    return actions.change_activity_state(activity, "hold", by=None)


def picture() -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "JPEG")
    return SimpleUploadedFile("photo.jpg", file.getvalue(), content_type="image/jpeg")


# --- Recurring -------------------------------------------------------------------------------------------------


@pytest.mark.system("A017")
def test_a_service_day_recurs_every_week_with_its_host_and_each_date_is_held_by_itself(
    service_day, station, clerk, client
):
    later = actions.repeat_activity(service_day, by=clerk, every="week", until=day(7, 31), skip={day(7, 17)})
    assert dates(later) == [day(7, 10), day(7, 24), day(7, 31)]
    for copy in later:
        assert (copy.series, copy.every, copy.station, copy.led_by) == (
            service_day,
            "week",
            station,
            service_day.led_by,
        )
        assert (copy.capacity, copy.audience) == (10, service_day.audience)
        assert timezone.localtime(copy.starts_at).hour == 15 and copy.ends_at - copy.starts_at == hours(2)
        assert copy.starts_at - copy.sign_up_until == hours(24)
    held(later[0])
    assert [a.state for a in Activity.objects.order_by("starts_at")] == ["planned", "held", "planned", "planned"]
    page = client.get(service_day.get_absolute_url()).content.decode()
    assert "每周一次" in page and later[1].get_absolute_url() in page
    assert later[0].get_absolute_url() not in page
    assert AuditEvent.objects.filter(verb="repeat").get().actor_id == clerk.pk


def test_a_series_asked_for_again_adds_only_what_is_missing(service_day):
    first = actions.repeat_activity(service_day, by=None, every="week", until=day(7, 17))
    more = actions.repeat_activity(first[0], by=None, every="week", until=day(7, 24))
    assert dates(more) == [day(7, 24)] and more[0].series == service_day
    with pytest.raises(ValidationError) as refused:
        actions.repeat_activity(service_day, by=None, every="week", until=day(7, 24))
    assert refused.value.code == "no_date"


def test_a_month_without_the_day_is_left_out():
    found = days_after(datetime.date(2026, 12, 31), "month")
    assert [next(found) for _ in range(3)] == [
        datetime.date(2027, 1, 31),
        datetime.date(2027, 3, 31),
        datetime.date(2027, 5, 31),
    ]


def test_a_series_keeps_its_rhythm_and_ends_with_its_campaign(service_day, coolness):
    coolness.ends_on = day(8, 31)
    coolness.save()
    for every, until, code in (
        ("day", day(7, 31), "every"),
        ("week", day(9, 1), "beyond_campaign"),
        ("week", day(7, 9), "no_date"),
    ):
        with pytest.raises(ValidationError) as refused:
            actions.repeat_activity(service_day, by=None, every=every, until=until)
        assert refused.value.code == code
    actions.repeat_activity(service_day, by=None, every="week", until=day(7, 10))
    with pytest.raises(ValidationError):
        actions.repeat_activity(service_day, by=None, every="month", until=day(8, 31))


def test_neither_hundreds_of_dates_nor_those_of_what_was_called_off_are_made(service_day):
    with pytest.raises(ValidationError) as refused:
        actions.repeat_activity(service_day, by=None, every="week", until=datetime.date(2036, 1, 1))
    assert refused.value.code == "too_many" and str(MOST_REPEATS) in refused.value.messages[0]
    actions.change_activity_state(service_day, "call_off", by=None, reason="暴雨")
    with pytest.raises(ValidationError) as refused:
        actions.repeat_activity(service_day, by=None, every="week", until=day(7, 31))
    assert refused.value.code == "called_off"
    assert Activity.objects.count() == 1


def test_a_stranger_repeats_nothing(service_day, stranger, client):
    with pytest.raises(PermissionDenied):
        actions.repeat_activity(service_day, by=stranger, every="week", until=day(7, 31))
    client.force_login(stranger)
    assert client.get(reverse("admin:campaigns_activity_repeat", args=[service_day.pk])).status_code == 404
    assert Activity.objects.count() == 1


def test_staff_repeat_by_a_button_and_a_wrong_date_is_said_on_the_form(service_day, clerk, client):
    client.force_login(clerk)
    page = reverse("admin:campaigns_activity_repeat", args=[service_day.pk])
    assert page in client.get(reverse("admin:campaigns_activity_change", args=[service_day.pk])).content.decode()
    asked = {"every": "week", "until": "2026-07-31", "skip": "7月17日"}
    assert "日期请写成" in client.post(page, asked).content.decode()
    assert Activity.objects.count() == 1
    answer = client.post(page, {**asked, "skip": "2026-07-17，2026-07-24"}, follow=True)
    assert "已新增2场" in answer.content.decode()
    assert dates(list(service_day.repeats.all())) == [day(7, 10), day(7, 31)]


# --- Told of ---------------------------------------------------------------------------------------------------


@pytest.mark.system("A013")
def test_a_service_at_a_station_is_planned_held_and_told_of_with_its_kind_date_people_and_photos(
    service_day, station, wuhua, clerk, client, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    assert "驿站服务日" in client.get(station.get_absolute_url()).content.decode()
    came, missed, _late = (actions.sign_up(service_day, member=member) for member in make_members(wuhua, 3))
    with time_machine.travel(service_day.ends_at, tick=False):
        actions.mark_presence(came, "attend", by=clerk)
        actions.mark_presence(missed, "miss", by=clerk)
        held(service_day)
        client.force_login(clerk)
        told = {"report": "送出绿豆汤和防暑药品，量血压。", "guests": "12", "_sure": "1"}
        client.post(reverse("admin:campaigns_activity_do", args=[service_day.pk, "report"]), told)
        service_day.refresh_from_db()
        change = reverse("admin:campaigns_activity_change", args=[service_day.pk])
        form = client.get(change).context["adminform"].form
        data = {"campaign": service_day.campaign_id, "title": service_day.title, "station": station.pk}
        data |= {"capacity": "10", "audience": "members", "led_by": service_day.led_by, "details": "", "place": ""}
        for name in ("starts_at", "ends_at", "sign_up_until"):
            moment = timezone.localtime(form.initial[name])
            data |= {f"{name}_0": moment.strftime("%Y-%m-%d"), f"{name}_1": moment.strftime("%H:%M:%S")}
        data |= {"sign_up_from_0": "", "sign_up_from_1": "", "photos-TOTAL_FORMS": "1", "photos-INITIAL_FORMS": "0"}
        data |= {"photos-0-image": picture(), "photos-0-caption": "量血压", "photos-0-activity": service_day.pk}
        assert client.post(change, data).status_code == 302
        service_day.refresh_from_db()
        assert (service_day.state, service_day.attended()) == ("reported", 13)
        page = client.get(service_day.get_absolute_url()).content.decode()
    photo = service_day.photos.get()
    for said in ("送清凉", "2026-07-03", "文林街驿站", "送出绿豆汤", "13人到场", "量血压", photo.thumbnail.url):
        assert said in page, said
    assert photo.image.name.endswith(".webp") and client.get(photo.image.url).status_code == 200


def test_what_was_not_held_is_not_told_of_and_a_report_has_words_and_no_numbers_of_people(service_day, stranger):
    with pytest.raises(TransitionRefused):
        actions.report_activity(service_day, by=None, report="很好")
    held(service_day)
    for report, guests in (("  ", 0), ("联系 138 0013 8000", 0), ("很好", -1)):
        with pytest.raises(ValidationError):
            actions.report_activity(service_day, by=None, report=report, guests=guests)
    with pytest.raises(PermissionDenied):
        actions.report_activity(service_day, by=stranger, report="很好")
    actions.report_activity(service_day, by=None, report="初稿")
    assert actions.report_activity(service_day, by=None, report="更正", guests=3).report == "更正"


# --- An open day -----------------------------------------------------------------------------------------------


@pytest.mark.system("A016")
def test_an_open_day_at_a_station_is_announced_held_its_prizes_given_and_told_of(wuhua, station, clerk, client):
    police = Partner.objects.create(organization=wuhua, name="示例交警大队（演示）", kind=Partner.Kind.POLICE)
    opening = make_campaign(wuhua, title="驿站开放日")
    quiz = make_activity(opening, title="交通安全有奖问答", station=station, place="", led_by=police.name)
    advice = make_activity(opening, title="法律咨询", station=station, place="")
    prizes = make_pool(opening, title="冬季用品", size=2, per_member=1, value_fen=None, value_up_to_fen=None)
    announced = client.get(opening.get_absolute_url()).content.decode()
    for said in ("交通安全有奖问答", "法律咨询", "冬季用品"):
        assert said in announced
    first, second, third = make_members(wuhua, 3)
    given = [actions.redeem(actions.claim(prizes, member=winner), by=clerk) for winner in (first, second)]
    with pytest.raises(ValidationError):
        actions.claim(prizes, member=third)
    assert {coupon.member for coupon in Coupon.objects.filter(pool=prizes, state="redeemed")} == {first, second}
    assert all(coupon.redeemed_by == clerk for coupon in given)
    held(advice)
    told = actions.report_activity(held(quiz), by=clerk, report="两名骑手获奖。", guests=40)
    assert (told.state, told.attended()) == ("reported", 40)
    assert "40人到场" in client.get(quiz.get_absolute_url()).content.decode()


# --- A venue ---------------------------------------------------------------------------------------------------


@pytest.mark.system("A049")
def test_an_area_home_for_workers_is_the_venue_of_an_activity_and_each_page_names_the_other(wuhua, client):
    home = make_station(wuhua, "江汉路区域性职工之家（演示）", kind=StationKind.objects.get(code="ZJ"))
    class_ = make_activity(make_campaign(wuhua), title="插花课", station=home, place="")
    assert f'href="{class_.get_absolute_url()}"' in client.get(home.get_absolute_url()).content.decode()
    page = client.get(class_.get_absolute_url()).content.decode()
    assert f'href="{home.get_absolute_url()}"' in page and home.name in page
