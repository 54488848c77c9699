"""What lives in a station: services for a while, bases, exhibits, guides, visiting groups, assets, the shop."""

from __future__ import annotations

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from stations.actions import name_keepers
from stations.actions.shop import close_month, share_of, spend_fund
from stations.actions.staged import do, do_all
from stations.models import (
    Asset,
    Base,
    Exhibit,
    Exhibition,
    FundSpending,
    GroupCode,
    GroupVisit,
    Guide,
    ShopGood,
    StationPost,
    Supply,
    TemporaryService,
    TenantService,
    VolunteerHours,
)
from stations.models.shop import fund_balance
from tests.factories import make_account, make_county, make_station
from unionportal.audit.models import AuditEvent
from unionportal.ledger.actions import reverse as reverse_line
from unionportal.ledger.models import LedgerLine
from unionportal.organizations.models import Partner
from unionportal.organizations.roles import Role
from unionportal.states import TransitionRefused

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate
DAY = datetime.timedelta(days=1)


@pytest.fixture
def wuhua():
    return make_county()


@pytest.fixture
def station(wuhua):
    return make_station(wuhua)


@pytest.fixture
def clerk(wuhua):
    return make_account(Role.CLERK, wuhua)


@pytest.fixture
def keeper(wuhua, station):
    account = make_account(Role.STATION_KEEPER, wuhua)
    name_keepers(station, [account], by=None)
    return account


def partner(owner, name: str, kind: str) -> Partner:
    return Partner.objects.create(organization=owner, name=name, kind=kind)


# --- One code for a group -------------------------------------------------------------------------------------


@pytest.fixture
def group_code(station):
    return GroupCode.objects.create(
        station=station, name="示例社区警民群", target="https://example.org/g/1", expires_on=TODAY() + 6 * DAY
    )


@pytest.mark.system("A015")
def test_a_group_code_is_posted_expires_and_is_refreshed(client, station, group_code, keeper):
    page, address = station.get_absolute_url(), reverse("stations:group-code", args=[station.code, group_code.pk])
    assert client.get(address).status_code == 404
    do(group_code, "post", by=keeper)
    assert client.get(address)["Content-Type"] == "image/svg+xml"
    assert "示例社区警民群" in client.get(page).content.decode()
    GroupCode.objects.update(expires_on=TODAY() - DAY)
    assert client.get(address).status_code == 404
    assert "示例社区警民群" not in client.get(page).content.decode()
    assert list(GroupCode.objects.all().expired(TODAY())) == [group_code]
    do(group_code, "refresh", by=keeper, target="https://example.org/g/2", expires_on=TODAY() + 7 * DAY)
    assert client.get(address).status_code == 200


def test_the_desk_lists_the_codes_that_have_expired_and_what_runs_low(client, station, group_code, keeper, clerk):
    do(group_code, "post", by=keeper)
    GroupCode.objects.update(expires_on=TODAY() - DAY)
    GroupCode.objects.create(station=station, name="别的群", target="https://example.org/g/3", expires_on=TODAY() + DAY)
    Supply.objects.create(station=station, item="口罩", unit="个", low_at=10)
    Supply.objects.create(station=station, item="姜汤", unit="包", low_at=10, in_stock=90)
    client.force_login(clerk)
    codes = client.get("/admin/stations/groupcode/", {"expired": "yes"}).content.decode()
    assert "示例社区警民群" in codes and "已过期" in codes and "别的群" not in codes
    low = client.get("/admin/stations/supply/", {"low": "yes"}).content.decode()
    assert "口罩" in low and "姜汤" not in low


def test_a_group_code_is_not_refreshed_without_its_new_end(group_code, keeper):
    do(group_code, "post", by=keeper)
    with pytest.raises(ValidationError):
        do(group_code, "refresh", by=keeper, target="https://example.org/g/2")


def test_a_group_code_leads_to_no_script(station):
    with pytest.raises(ValidationError):
        GroupCode(station=station, name="x", target="javascript:alert(1)", expires_on=TODAY()).full_clean()


# --- Services for a while, tenants ----------------------------------------------------------------------------


@pytest.mark.system("A004")
def test_a_priority_lane_is_agreed_with_the_test_point_opened_for_its_groups_and_ended(client, wuhua, station, keeper):
    point = partner(wuhua, "示例核酸检测点（演示）", Partner.Kind.HOSPITAL)
    lane = TemporaryService.objects.create(
        station=station,
        name="绿色通道",
        for_whom="骑手、老人、体弱者、病人、残疾人",
        hours_text="8:00–10:00，16:00–18:00",
        from_on=TODAY(),
        until_on=TODAY() + 30 * DAY,
        partner=point,
    )
    with pytest.raises(TransitionRefused):
        do(lane, "open", by=keeper)
    do(lane, "agree", by=keeper)
    assert "绿色通道" not in client.get(station.get_absolute_url()).content.decode()
    do(lane, "open", by=keeper)
    page = client.get(station.get_absolute_url()).content.decode()
    assert "绿色通道" in page and "骑手、老人、体弱者、病人、残疾人" in page and "16:00–18:00" in page
    do(lane, "end", by=keeper)
    assert "绿色通道" not in client.get(station.get_absolute_url()).content.decode()


def test_a_service_whose_last_day_is_over_is_not_shown(station):
    service = TemporaryService(station=station, name="义诊", for_whom="骑手", from_on=TODAY() - 9 * DAY)
    service.until_on, service.state = TODAY() - DAY, "open"
    service.save()
    assert not TemporaryService.objects.all().open_on(TODAY()).exists()


@pytest.mark.system("A046")
def test_a_palace_holds_the_aid_desk_of_the_judicial_bureau_and_the_room_of_the_library(client, wuhua, keeper):
    palace = make_station(wuhua, "示例县工人文化宫（演示）")
    name_keepers(palace, [keeper], by=None)
    tenants = (
        ("职工司法援助中心", "示例县司法局（演示）", Partner.Kind.GOVERNMENT),
        ("共享职工书屋", "示例县图书馆（演示）", Partner.Kind.LIBRARY),
    )
    for name, body, kind in tenants:
        row = TenantService.objects.create(
            station=palace, name=name, partner=partner(wuhua, body, kind), from_on=TODAY()
        )
        do(row, "start", by=keeper)
    page = client.get(palace.get_absolute_url()).content.decode()
    assert all(name in page and body in page for name, body, _kind in tenants)


# --- Bases, exhibitions, exhibits -----------------------------------------------------------------------------


@pytest.mark.system("A024")
@pytest.mark.parametrize(("matrix", "count"), [("职工思想引领", 32), ("教育系统", 7)])
def test_one_main_base_has_its_sub_bases_each_with_plan_and_responsible_cadre(wuhua, clerk, matrix, count):
    main = Base.objects.create(station=make_station(wuhua, "主阵地"), matrix=matrix, theme="劳模精神")
    for number in range(count):
        place = make_station(wuhua, f"分阵地{number}")
        sub = Base.objects.create(station=place, main=main, matrix=matrix, theme=f"品牌{number}")
        do(sub, "plan", by=clerk, plan=f"一企一策第{number}号", responsible_cadre=f"演示·干部{number}")
    for sub in main.sub_bases.all():
        for verb, fields in (("build", {}), ("open", {}), ("review", {"review": "运行良好"})):
            do(sub, verb, by=clerk, **fields)
    assert main.sub_bases.filter(state="reviewed").exclude(plan="").exclude(responsible_cadre="").count() == count


def test_a_matrix_has_one_main_base(wuhua):
    Base.objects.create(station=make_station(wuhua, "甲"), matrix="矩阵", theme="题")
    with pytest.raises(IntegrityError), transaction.atomic():
        Base.objects.create(station=make_station(wuhua, "乙"), matrix="矩阵", theme="题")


def test_a_base_is_not_planned_without_a_responsible_cadre(station, clerk):
    base = Base.objects.create(station=station, matrix="矩阵", theme="题")
    with pytest.raises(ValidationError):
        do(base, "plan", by=clerk, plan="计划", responsible_cadre="")


@pytest.mark.system("A007")
def test_a_small_exhibition_is_planned_set_up_shown_and_archived(client, station, keeper):
    show = Exhibition.objects.create(
        station=station, title="文字的演变", from_on=TODAY(), places="聂耳故居\n朱德旧居\n西南联大旧址"
    )
    do(show, "set_up", by=keeper)
    do(show, "show", by=keeper)
    page = client.get(station.get_absolute_url()).content.decode()
    assert "文字的演变" in page and "西南联大旧址" in page
    do(show, "archive", by=keeper)
    assert "文字的演变" not in client.get(station.get_absolute_url()).content.decode()


@pytest.mark.system("A025")
def test_what_225_units_gave_is_catalogued_selected_and_shown(wuhua, station, clerk):
    kinds = [("file", 18_000), ("photo", 12_000), ("object", 135)]
    rows = [
        Exhibit(organization=wuhua, name=f"{kind}{unit}", kind=kind, quantity=quantity, donor=f"单位{unit}")
        for kind, total in kinds
        for unit, quantity in enumerate([total // 225 + (unit < total % 225) for unit in range(225)])
        if quantity
    ]
    Exhibit.objects.bulk_create(rows)
    assert Exhibit.objects.all().pieces() == dict(kinds)
    assert Exhibit.objects.values("donor").distinct().count() == 225
    photos = list(Exhibit.objects.filter(kind="photo")[:6])
    hall = Exhibition.objects.create(station=station, title="四个篇章", from_on=TODAY())
    for verb, fields in (("catalogue", {}), ("select", {}), ("show", {"exhibition": hall})):
        do_all(photos, verb, by=clerk, **fields)
    assert hall.exhibits.filter(state="shown").all().pieces()["photo"] > 300


def test_an_exhibit_is_not_shown_that_was_not_selected(wuhua, clerk):
    exhibit = Exhibit.objects.create(organization=wuhua, name="奖章", kind="object", donor="演示·劳模")
    with pytest.raises(TransitionRefused):
        do(exhibit, "show", by=clerk)


def test_another_countys_clerk_selects_nothing(wuhua):
    exhibit = Exhibit.objects.create(organization=wuhua, name="奖章", kind="object", donor="演示·劳模")
    stranger = make_account(Role.CLERK, make_county("盘龙区总工会（演示）", "530103"))
    with pytest.raises(PermissionDenied):
        do(exhibit, "catalogue", by=stranger)


# --- Guides and visiting groups -------------------------------------------------------------------------------


@pytest.mark.system("A027")
def test_guides_of_five_tiers_are_trained_listed_and_assigned(wuhua, station, clerk):
    for tier in Guide.Tier:
        guide = Guide.objects.create(organization=wuhua, name=f"演示·{tier.value}", tier=tier, training="讲解培训")
        do(guide, "list", by=clerk, trained_on=TODAY())
        visit = GroupVisit.objects.create(station=station, group="示例单位", size=20, at=timezone.now())
        do(visit, "confirm", by=clerk, guide=guide)
    assert Guide.objects.filter(state="listed", group_visits__state="confirmed").count() == len(Guide.Tier) == 5


@pytest.mark.system("A026")
def test_seventy_visits_of_fifteen_hundred_people_are_booked_guided_and_counted(wuhua, station, clerk):
    guide = Guide.objects.create(organization=wuhua, name="演示·讲解员", tier=Guide.Tier.DISTRICT)
    first = timezone.now() - 300 * DAY
    for number in range(72):
        visit = GroupVisit.objects.create(station=station, group=f"单位{number}", size=22, at=first + number * DAY)
        do(visit, "confirm", by=clerk, guide=guide)
        do(visit, "count", by=clerk, came=21, feedback="讲解清楚")
    called_off = GroupVisit.objects.create(station=station, group="未到单位", size=50, at=first)
    do(called_off, "cancel", by=clerk)
    groups, people = GroupVisit.objects.all().counted()
    assert groups == 72 > 70 and people == 1512 > 1500


def test_a_guide_leads_one_group_at_a_time(wuhua, station, clerk):
    guide = Guide.objects.create(organization=wuhua, name="演示·讲解员", tier=Guide.Tier.STREET)
    at = timezone.now()
    first, second = (
        GroupVisit.objects.create(station=station, group=name, size=9, at=at) for name in ("甲单位", "乙单位")
    )
    do(first, "confirm", by=clerk, guide=guide)
    with pytest.raises(ValidationError):
        do(second, "confirm", by=clerk, guide=guide)


# --- Head, assets, volunteers ---------------------------------------------------------------------------------


@pytest.mark.system("A008")
def test_a_deputy_replaces_the_tables_and_chairs_with_volunteers(station, keeper):
    StationPost.objects.create(station=station, post="head", person="演示·站长", from_on=TODAY())
    StationPost.objects.create(station=station, post="deputy", person="演示·副站长", from_on=TODAY())
    old = Asset.objects.create(station=station, name="桌椅", quantity=6, acquired_on=TODAY() - 2000 * DAY)
    do(old, "replace", by=keeper, changed_on=TODAY(), note="桌腿松动")
    new = Asset.objects.create(station=station, name="桌椅", quantity=8, acquired_on=TODAY(), replaces=old)
    for name in ("演示·甲", "演示·乙"):
        VolunteerHours.objects.create(
            station=station, person=name, on=TODAY(), hours=Decimal("2.5"), work="组装桌椅", asset=new
        )
    assert StationPost.objects.all().held_on(TODAY()).count() == 2
    assert (old.replaced_by, Asset.objects.get(pk=old.pk).state) == (new, "replaced")
    assert VolunteerHours.objects.all().hours() == 5
    assert AuditEvent.objects.about(old).get().verb == "replace_asset"


def test_a_station_has_one_head_at_a_time(station):
    StationPost.objects.create(station=station, post="head", person="演示·甲", from_on=TODAY())
    with pytest.raises(IntegrityError), transaction.atomic():
        StationPost.objects.create(station=station, post="head", person="演示·乙", from_on=TODAY())


def test_a_month_whose_share_the_ledger_undoes_is_closed_anew_unless_the_share_is_spent(station, clerk):
    month = close_month(station, month=datetime.date(2026, 9, 30), income_fen=100_000, by=clerk)
    spending = spend_fund(station, use="upkeep", amount_fen=10_000, payee="五金店", on=TODAY(), by=clerk)
    with pytest.raises(ValidationError, match="已支出"):
        reverse_line(month.line, by=clerk, purpose="记错", on=TODAY())
    reverse_line(spending.line, by=clerk, purpose="记错", on=TODAY())
    reverse_line(month.line, by=clerk, purpose="记错", on=TODAY())
    close_month(station, month=datetime.date(2026, 9, 30), income_fen=200_000, by=clerk)
    assert fund_balance(station) == 20_000


def test_only_what_is_on_show_today_stands_on_the_page(client, station):
    for title, first, last in (("去年的展览", -400, -300), ("今天的展览", -1, 1), ("明年的展览", 100, None)):
        until = TODAY() + last * DAY if last is not None else None
        row = Exhibition.objects.create(station=station, title=title, from_on=TODAY() + first * DAY, until_on=until)
        Exhibition.objects.filter(pk=row.pk).update(state="on_show")
    shown = client.get(station.get_absolute_url()).content.decode()
    assert [name for name in ("去年的展览", "今天的展览", "明年的展览") if name in shown] == ["今天的展览"]


# --- The shop -------------------------------------------------------------------------------------------------


@pytest.mark.system("A009")
def test_a_tenth_of_the_shops_income_goes_to_the_community_fund_and_is_spent_from_it(station, clerk):
    ShopGood.objects.create(station=station, name="大米", unit="袋", market_fen=6500, union_fen=5800)
    month = close_month(station, month=datetime.date(2026, 10, 31), income_fen=1_234_567, by=clerk)
    assert month.line.amount_fen == fund_balance(station) == 123_457
    for use, fen in ((FundSpending.Use.UPKEEP, 23_457), (FundSpending.Use.HARDSHIP, 50_000)):
        spend_fund(station, use=use, amount_fen=fen, payee="演示", on=TODAY(), by=clerk)
    assert fund_balance(station) == 50_000
    with pytest.raises(ValidationError):
        spend_fund(station, use=FundSpending.Use.UPKEEP, amount_fen=50_001, payee="演示", on=TODAY(), by=clerk)
    assert LedgerLine.objects.count() == 3


@pytest.mark.parametrize(("income", "share"), [(0, 0), (4, 0), (5, 1), (15, 2), (100, 10), (-900, 0)])
def test_the_share_is_rounded_half_a_fen_upwards_and_never_negative(income, share):
    assert share_of(income) == share


def test_a_month_is_closed_once(station, clerk):
    close_month(station, month=datetime.date(2026, 10, 3), income_fen=100, by=clerk)
    for month in (TODAY(), TODAY() + 400 * DAY):
        with pytest.raises(ValidationError, match="还没有结束"):
            close_month(station, month=month, income_fen=100, by=clerk)
    with pytest.raises(ValidationError):
        close_month(station, month=datetime.date(2026, 10, 30), income_fen=100, by=clerk)


def test_a_reversed_share_is_no_longer_in_the_fund(station, clerk):
    month = close_month(station, month=datetime.date(2026, 10, 3), income_fen=10_000, by=clerk)
    reverse_line(month.line, by=clerk, purpose="录错", on=TODAY())
    assert fund_balance(station) == 0


def test_a_keeper_closes_no_month(station, keeper):
    with pytest.raises(PermissionDenied):
        close_month(station, month=TODAY(), income_fen=100, by=keeper)


def test_the_unions_price_is_not_above_the_markets(station):
    with pytest.raises(IntegrityError), transaction.atomic():
        ShopGood.objects.create(station=station, name="米", unit="袋", market_fen=100, union_fen=101)


# --- The desk -------------------------------------------------------------------------------------------------


def test_the_desk_moves_a_service_on_by_its_buttons(client, station, clerk):
    service = TemporaryService.objects.create(
        station=station, name="义诊", for_whom="骑手", from_on=TODAY(), until_on=TODAY()
    )
    client.force_login(clerk)
    for verb in ("agree", "open", "end"):
        client.post(reverse("admin:stations_temporaryservice_do", args=[service.pk, verb]), {"_sure": "1"})
    service.refresh_from_db()
    assert service.state == "ended"


def test_the_desk_is_asked_what_a_verb_needs(client, station, clerk):
    visit = GroupVisit.objects.create(station=station, group="示例单位", size=20, at=timezone.now())
    own = Guide.objects.create(organization=station.organization, name="演示·本区", tier="district")
    other = make_county("盘龙区总工会（演示）", "530103")
    theirs = Guide.objects.create(organization=other, name="演示·外区", tier="district")
    client.force_login(clerk)
    address = reverse("admin:stations_groupvisit_do", args=[visit.pk, "confirm"])
    asked = client.get(address).content.decode()
    assert "演示·本区" in asked and "演示·外区" not in asked
    client.post(address, {"guide": theirs.pk})
    visit.refresh_from_db()
    assert visit.state == "requested"
    client.post(address, {"guide": own.pk})
    visit.refresh_from_db()
    assert (visit.state, visit.guide) == ("confirmed", own)


def test_the_desk_closes_a_month_and_spends_from_the_fund(client, station, clerk):
    client.force_login(clerk)
    month = {"station": station.pk, "month": "2026-10-15", "income_fen": "1000.00", "share_percent": "10"}
    client.post(reverse("admin:stations_shopmonth_add"), month)
    assert fund_balance(station) == 10_000
    spent = {"station": station.pk, "use": "upkeep", "amount": "40.00", "payee": "演示", "on": "2026-11-01"}
    client.post(reverse("admin:stations_fundspending_add"), spent)
    assert fund_balance(station) == 6_000
