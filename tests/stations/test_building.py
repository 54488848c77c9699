"""Building as a project: phases, money line by line, subsidies by kind and year, targets the register counts."""

from __future__ import annotations

import datetime
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.utils import timezone

from stations.actions import apply_for_subsidy, change_phase, change_subsidy, invest
from stations.models import BuildingProject, InvestmentLine, Station, StationTarget, Subsidy, SubsidyStandard
from stations.models.building import Phase
from tests.factories import make_account, make_county, make_federation, make_station
from tests.standards.makers import make_standard
from tests.stations.checks import make_confirmed
from unionportal.figures import money
from unionportal.ledger.actions import reverse
from unionportal.ledger.models import LedgerLine
from unionportal.organizations.roles import Role
from unionportal.states import TransitionRefused
from unionportal.targets.actions import allocate, change_target_state, report
from unionportal.targets.models import Plan, Target

pytestmark = pytest.mark.django_db
INVESTMENTS = ("investments-TOTAL_FORMS", "investments-INITIAL_FORMS")
WAN = 10_000 * 100  # 万元 in fen


@pytest.fixture
def city():
    return make_federation()


@pytest.fixture
def county():
    return make_county()


@pytest.fixture
def clerk(county):
    return make_account(Role.CLERK, county)


@pytest.fixture
def city_reviewer(city):
    return make_account(Role.REVIEWER, city)


def make_project(organization, title="县工人文化宫", *, phase=None, **fields):
    """A project, led through the verbs to `phase`."""
    defaults = {"kind_id": "WH", "year": 2022, "work": "new"}
    project = BuildingProject.objects.create(organization=organization, title=title, **{**defaults, **fields})
    for verb, reached in (
        ("approve_project", Phase.APPROVED),
        ("begin_building", Phase.BUILDING),
        ("complete", Phase.COMPLETED),
        ("take_into_use", Phase.IN_USE),
    ):
        if phase is None or project.state == phase:
            break
        project = change_phase(project, verb, by=None)
        assert project.state == reached
    return project


def make_target(organization, figure, *, title="新建", kind=None, year=2023, counted_by=""):
    plan, _new = Plan.objects.get_or_create(
        organization=organization, title=f"{year}年建设计划", from_year=year, to_year=year
    )
    target = Target.objects.create(
        plan=plan,
        organization=organization,
        title=title,
        year=year,
        due_on=datetime.date(year, 12, 31),
        figure=figure,
        counted_by=counted_by,
    )
    if kind:
        StationTarget.objects.create(target=target, kind_id=kind)
    return target


# --- Targets by kind and district ----------------------------------------------------------------------------------


@pytest.mark.system("A010")
def test_the_plan_of_300_100_and_100_is_split_by_district_built_checked_and_verified(city, city_reviewer):
    districts = [make_county(f"{name}区总工会（演示）", "530102") for name in "甲乙"]
    plan = {"HW": "300个", "GX": "100个", "GJ": "100个"}
    targets = {kind: make_target(city, figure, title=kind, kind=kind) for kind, figure in plan.items()}
    clerk = make_account(Role.CLERK, city)
    for target in targets.values():
        first, second = allocate(target, {districts[0]: target.value - 40, districts[1]: 40}, by=clerk)
        assert first.value + second.value == target.value
    assert sum(target.value for target in Target.objects.whole()) == 500
    for quarter, done in ((1, "60个"), (2, "150个"), (3, "240个"), (4, "300个")):
        report(targets["HW"], year=2023, quarter=quarter, figure=done, by=clerk)
    done = change_target_state(targets["HW"], "verify", by=city_reviewer)
    assert (done.done, done.state) == (300, "verified")
    with pytest.raises(TransitionRefused):
        change_target_state(targets["GX"], "verify", by=city_reviewer)


@pytest.mark.system("A048")
def test_targets_by_kind_of_site_count_what_was_newly_built_and_renovated(city, county):
    printed = {"HW": "286个", "KN": "50个", "TG": "34个"}
    targets = {
        kind: make_target(city, figure, title=kind, kind=kind, counted_by="projects_completed")
        for kind, figure in printed.items()
    }
    targets["city classes"] = make_target(city, "10个", title="市级托管班", kind="TG")
    assert [t.figure for t in targets.values()] == ["286个", "50个", "34个", "10个"]
    for work, kind in (("new", "HW"), ("renovation", "HW"), ("new", "KN")):
        project = make_project(county, f"{work}{kind}", kind_id=kind, work=work, phase=Phase.COMPLETED)
        BuildingProject.objects.filter(pk=project.pk).update(completed_on=datetime.date(2023, 6, 1))
    make_project(county, "在建", kind_id="HW", phase=Phase.BUILDING)
    assert {kind: targets[kind].counted for kind in printed} == {"HW": 2, "KN": 1, "TG": 0}


def test_a_share_counts_its_own_district_and_only_its_year_and_kind(city, county):
    other = make_county("乙区总工会（演示）", "530103")
    target = make_target(city, "5个", kind="HW", counted_by="stations_opened")
    mine, theirs = allocate(target, {county: 3, other: 2}, by=None)
    day = datetime.date(2023, 5, 1)
    make_station(county, "本年驿站", opened_on=day)
    make_station(county, "往年驿站", opened_on=day.replace(year=2022))
    make_station(county, "本年文化宫", opened_on=day, kind_id="WH")
    make_station(other, "邻区驿站", opened_on=day)
    assert (target.counted, mine.counted, theirs.counted) == (2, 1, 1)


# --- Phases --------------------------------------------------------------------------------------------------------


@pytest.mark.system("A045")
def test_of_40_palaces_approved_21_are_done_and_19_are_being_built(city):
    counties = [make_county(f"第{n}县总工会（演示）", "530102") for n in range(4)]
    for n in range(40):
        phase = Phase.COMPLETED if n < 21 else Phase.BUILDING
        work = "new" if n % 2 else "renovation"
        make_project(counties[n % 4], f"第{n}县工人文化宫", work=work, phase=phase)
    rows = BuildingProject.objects.filter(kind="WH")
    assert rows.exclude(approved_on=None).count() == 40
    assert (rows.done().count(), rows.running().count()) == (21, 19)
    assert set(rows.values_list("work", flat=True)) == {"new", "renovation"}


@pytest.mark.system("A039")
def test_the_palace_of_12187_57_square_metres_goes_through_its_phases_under_a_five_year_plan(
    county, clerk, city_reviewer
):
    plan = Plan.objects.create(organization=county, title="工会阵地建设五年规划", from_year=2022, to_year=2026)
    rooms = ["服务大厅", "职工书屋", "母婴室", "教育培训", "维权帮扶", "文化娱乐"]
    palace = make_project(
        county, "市工人文化宫", plan=plan, floor_area=Decimal("12187.57"), rooms=rooms, rooms_printed="10多个"
    )
    palace.full_clean()
    assert (plan.to_year - plan.from_year + 1, len(palace.rooms)) == (5, 6)
    with pytest.raises(PermissionDenied):
        change_phase(palace, "approve_project", by=clerk)
    seen = []
    for verb, by in (
        ("approve_project", city_reviewer),
        ("begin_building", clerk),
        ("complete", clerk),
        ("take_into_use", city_reviewer),
    ):
        palace = change_phase(palace, verb, by=by)
        seen.append(palace.state)
    assert seen == ["approved", "building", "completed", "in_use"]
    assert palace.floor_area == Decimal("12187.57")
    assert palace.rooms_printed == "10多个"


def test_a_phase_is_not_left_out_nor_dated_before_the_one_before_it(county):
    project = make_project(county, phase=Phase.APPROVED)
    with pytest.raises(TransitionRefused):
        change_phase(project, "complete", by=None)
    today = timezone.localdate()
    for wrong in (today + datetime.timedelta(days=1), today - datetime.timedelta(days=1)):
        with pytest.raises(ValidationError):
            change_phase(project, "begin_building", by=None, on=wrong)
    with pytest.raises(ValidationError):
        change_phase(project, "stop", by=None)


# --- Money ---------------------------------------------------------------------------------------------------------


@pytest.mark.system("A037")
def test_six_demonstration_sites_cost_379_18_wan_line_by_line(county, clerk):
    sites = [make_project(county, f"示范阵地{n}", kind_id="ZJ", phase=Phase.COMPLETED) for n in range(6)]
    amounts = [63 * WAN] * 5 + [int(Decimal("64.18") * WAN)]
    for site, amount in zip(sites, amounts, strict=True):
        invest(
            project=site, amount_fen=amount, by=clerk, source_level="city", purpose="示范阵地建设",
            occurred_on=timezone.localdate(),
        )  # fmt: skip
    assert money(InvestmentLine.objects.total()) == "379.18万元"
    assert money(sites[5].investments.total()) == "64.18万元"
    assert LedgerLine.objects.total() == InvestmentLine.objects.total()


@pytest.mark.system("A011")
def test_the_network_keeps_its_printed_totals_its_ledger_and_its_rule_book(city, county, clerk):
    plan = Plan.objects.create(organization=city, title="工会爱心驿站", from_year=2015, to_year=2022)
    printed = {"驿站": "1430个", "投入资金": "2460多万元", "覆盖职工": "超100万人"}
    for title, figure in printed.items():
        Target.objects.create(
            plan=plan, organization=city, title=title, year=2022, due_on=datetime.date(2022, 11, 30), figure=figure
        )
    told = {target.title: (target.value, target.qualifier) for target in plan.targets.all()}
    assert told == {"驿站": (1430, "exact"), "投入资金": (24_600_000, "over"), "覆盖职工": (1_000_000, "over")}
    station = make_station(county, "爱心驿站")
    line = invest(
        station=station,
        amount_fen=2 * WAN,
        by=clerk,
        source_level="city",
        purpose="设备",
        occurred_on=timezone.localdate(),
    )
    assert station.investments.total() == line.line.amount_fen == 2 * WAN
    rules = make_standard({"text": "有管理制度"}, name="工会爱心驿站管理规定", issuer="自治区总工会")
    kept = make_confirmed(station, rules)
    broken = make_confirmed(make_station(county, "乙驿站"), rules, met=False)
    assert [check.assessment.points for check in (kept, broken)] == [1, 0]


@pytest.mark.system("A036")
def test_homes_book_rooms_and_stations_are_planned_built_and_become_demonstration_sites_by_mode(county):
    for kind, count, modes in (("ZJ", 13, ("union", "party_union")), ("SW", 19, ("social",)), ("HW", 14, ("social",))):
        for n in range(count):
            make_project(
                county, f"{kind}{n}", kind_id=kind, build_mode=modes[n % len(modes)], phase=Phase.COMPLETED,
                year=2022 if kind != "HW" or n < 3 else 2021,
            )  # fmt: skip
    rows = BuildingProject.objects.done()
    assert {kind: rows.filter(kind=kind).count() for kind in ("ZJ", "SW", "HW")} == {"ZJ": 13, "SW": 19, "HW": 14}
    assert rows.filter(kind="HW", year=2022).count() == 3
    assert set(rows.values_list("build_mode", flat=True)) == {"union", "party_union", "social"}


def test_money_goes_into_one_thing_and_never_into_another_county(county, clerk):
    foreign = make_project(make_county("乙区总工会（演示）", "530103"))
    told = {"amount_fen": WAN, "source_level": "city", "purpose": "x", "occurred_on": timezone.localdate()}
    with pytest.raises(PermissionDenied):
        invest(project=foreign, by=clerk, **told)
    with pytest.raises(ValidationError):
        invest(by=clerk, **told)
    assert not LedgerLine.objects.exists()


# --- Subsidies -----------------------------------------------------------------------------------------------------


def test_nobody_approves_what_he_proposed(county, client):
    reviewer = make_account(Role.REVIEWER, county)
    client.force_login(reviewer)
    told = {"organization": county.pk, "title": "示例项目", "kind": "WH", "work": "new", "year": 2026}
    rows = {"investments-TOTAL_FORMS": 0, "investments-INITIAL_FORMS": 0}
    client.post("/admin/stations/buildingproject/add/", {**told, **rows})
    project = BuildingProject.objects.get()
    with pytest.raises(ValidationError, match="由您提出"):
        change_phase(project, "approve_project", by=reviewer)
    change_phase(project, "approve_project", by=make_account(Role.REVIEWER, make_federation()))


def test_a_page_that_is_sent_again_books_nothing_twice(county, client):
    client.force_login(make_account(Role.CLERK, county))
    project = make_project(county)
    address = f"/admin/stations/buildingproject/{project.pk}/invest/"
    [token] = re.findall(r'name="_once" value="([^"]+)"', client.get(address).content.decode())
    told = {"amount_fen": "7000", "source_level": "county", "purpose": "装修", "occurred_on": timezone.localdate()}
    for _ in range(2):
        client.post(address, {**told, "_once": token})
    assert project.investments.total() == 7000 * 100
    page = client.get("/admin/stations/buildingproject/add/").content.decode()
    [token] = re.findall(r'name="_once" value="([^"]+)"', page)
    fields = {"organization": county.pk, "title": "示例项目", "kind": "WH", "work": "new", "year": 2026, "_once": token}
    for _ in range(2):
        client.post("/admin/stations/buildingproject/add/", fields | dict.fromkeys(INVESTMENTS, 0))
    assert BuildingProject.objects.filter(title="示例项目").count() == 1


def test_money_that_the_ledger_undoes_counts_for_nothing_and_no_money_is_of_tomorrow(county):
    project = make_project(county)
    today = timezone.localdate()
    told = {"project": project, "by": None, "source_level": "city", "purpose": "建设"}
    first = invest(amount_fen=6 * WAN, occurred_on=today, **told)
    invest(amount_fen=4 * WAN, occurred_on=today, **told)
    reverse(first.line, by=None, purpose="记错", on=today)
    assert project.investments.total() == 4 * WAN
    with pytest.raises(ValidationError, match="还没有到"):
        invest(amount_fen=WAN, occurred_on=today + datetime.timedelta(days=1), **told)


@pytest.fixture
def standards(city):
    """赣州: new buildings from 30 to 100万元, extensions from 30 to 50万元."""
    for work, year, wan in (("new", 2018, 30), ("new", 2022, 100), ("extension", 2018, 30), ("extension", 2022, 50)):
        SubsidyStandard.objects.create(organization=city, kind_id="WH", work=work, from_year=year, amount_fen=wan * WAN)


@pytest.mark.system("A047")
@pytest.mark.parametrize(
    ("work", "year", "amount"),
    [
        ("new", 2021, "30万元"),
        ("new", 2022, "100万元"),
        ("new", 2023, "100万元"),
        ("extension", 2021, "30万元"),
        ("extension", 2022, "50万元"),
    ],
)
def test_the_standard_of_the_projects_own_year_holds(standards, county, clerk, work, year, amount):
    project = make_project(county, work=work, year=year, phase=Phase.APPROVED)
    assert apply_for_subsidy(project, by=clerk).amount == amount


@pytest.mark.system("A047")
def test_a_subsidy_is_applied_for_reviewed_and_paid_into_the_ledger(standards, city, county, clerk, city_reviewer):
    subsidy = apply_for_subsidy(make_project(county, phase=Phase.APPROVED), by=clerk)
    with pytest.raises(TransitionRefused):
        change_subsidy(subsidy, "pay", by=city_reviewer)
    change_subsidy(subsidy, "grant", by=city_reviewer)
    paid = change_subsidy(subsidy, "pay", by=city_reviewer, evidence="昆工财〔2022〕1号（演示）")
    line = paid.line
    assert (line.amount_fen, line.organization, line.payer, line.payee) == (100 * WAN, city, city, county.name)
    with pytest.raises(TransitionRefused):
        change_subsidy(subsidy, "pay", by=city_reviewer)
    assert LedgerLine.objects.count() == 1


def test_a_payment_that_the_ledger_undoes_is_owed_again(standards, county, clerk):
    subsidy = apply_for_subsidy(make_project(county, phase=Phase.APPROVED, year=2025), by=clerk)
    subsidy = change_subsidy(change_subsidy(subsidy, "grant", by=None), "pay", by=None)
    reverse(subsidy.line, by=None, purpose="收款方有误", on=timezone.localdate())
    subsidy.refresh_from_db()
    assert (subsidy.state, subsidy.line) == ("granted", None)
    assert change_subsidy(subsidy, "pay", by=None).state == "paid"


def test_a_county_does_not_grant_itself_the_citys_money(standards, county, clerk):
    subsidy = apply_for_subsidy(make_project(county, phase=Phase.APPROVED), by=clerk)
    own_reviewer = make_account(Role.REVIEWER, county)
    for verb in ("grant", "refuse_subsidy"):
        with pytest.raises(PermissionDenied):
            change_subsidy(subsidy, verb, by=own_reviewer, reason="x")


def test_a_county_reviewer_is_not_even_asked_how_the_citys_money_was_paid(standards, county, clerk, client):
    subsidy = apply_for_subsidy(make_project(county, phase=Phase.APPROVED), by=clerk)
    change_subsidy(subsidy, "grant", by=None)
    client.force_login(make_account(Role.REVIEWER, county))
    assert "/do/pay/" not in client.get(f"/admin/stations/subsidy/{subsidy.pk}/change/").text
    assert client.get(f"/admin/stations/subsidy/{subsidy.pk}/do/pay/").status_code == 403


def test_what_an_approved_projects_subsidy_stands_on_is_changed_by_nobody(county, clerk, client):
    project = make_project(county, phase=Phase.APPROVED)
    for change in ({"year": 2026}, {"work": "extension"}, {"kind": "HW"}):
        with pytest.raises(DatabaseError), transaction.atomic():
            BuildingProject.objects.filter(pk=project.pk).update(**change)
    client.force_login(clerk)
    page = client.get(f"/admin/stations/buildingproject/{project.pk}/change/").text
    assert 'name="title"' in page
    assert 'name="year"' not in page
    proposed = make_project(county, "演示文化宫")
    assert 'name="year"' in client.get(f"/admin/stations/buildingproject/{proposed.pk}/change/").text


def test_nothing_is_asked_above_the_standard_without_one_or_before_the_project_is_approved(standards, county, clerk):
    approved = make_project(county, phase=Phase.APPROVED)
    for project, amount in (
        (approved, 101 * WAN),
        (approved, 0),
        (make_project(county, "未批", phase=None), None),
        (make_project(county, "改造", work="renovation", phase=Phase.APPROVED), None),
        (make_project(county, "早年", year=2017, phase=Phase.APPROVED), None),
    ):
        with pytest.raises(ValidationError):
            apply_for_subsidy(project, by=clerk, amount_fen=amount)
    assert not Subsidy.objects.exists()


def test_one_subsidy_a_project_and_a_new_one_after_a_refusal(standards, county, clerk, city_reviewer):
    project = make_project(county, phase=Phase.APPROVED)
    first = apply_for_subsidy(project, by=clerk)
    with pytest.raises(ValidationError):
        apply_for_subsidy(project, by=clerk)
    with pytest.raises(ValidationError):
        change_subsidy(first, "refuse_subsidy", by=city_reviewer)
    change_subsidy(first, "refuse_subsidy", by=city_reviewer, reason="材料不全")
    assert apply_for_subsidy(project, by=clerk, amount_fen=80 * WAN).amount == "80万元"


def test_the_database_refuses_a_payment_without_a_ledger_line(standards, county, clerk):
    subsidy = apply_for_subsidy(make_project(county, phase=Phase.APPROVED), by=clerk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Subsidy.objects.filter(pk=subsidy.pk).update(state="paid")


def test_a_county_reads_the_citys_subsidy_standards_and_changes_none(standards, county, clerk, client):
    assert SubsidyStandard.objects.visible_to(clerk).count() == 4
    assert not SubsidyStandard.objects.editable_by(make_account(Role.REVIEWER, county)).exists()
    client.force_login(clerk)
    assert "100万元" in client.get("/admin/stations/subsidystandard/").content.decode()


def test_the_desk_applies_from_the_projects_page_and_books_an_investment_there(standards, county, clerk, client):
    project = make_project(county, phase=Phase.APPROVED)
    client.force_login(clerk)
    page = client.get(f"/admin/stations/buildingproject/{project.pk}/change/").content.decode()
    assert f"/admin/stations/buildingproject/{project.pk}/apply/" in page
    client.post(f"/admin/stations/buildingproject/{project.pk}/apply/", {"amount_fen": "", "_sure": "1"})
    assert Subsidy.objects.get().amount == "100万元"
    told = {"amount_fen": "12345.67", "source_level": "county", "purpose": "桩基", "occurred_on": timezone.localdate()}
    client.post(f"/admin/stations/buildingproject/{project.pk}/invest/", told)
    assert project.investments.total() == 1234567


@pytest.mark.django_db(transaction=True)
def test_two_who_pay_at_once_pay_once(standards, county):
    subsidy = apply_for_subsidy(make_project(county, phase=Phase.APPROVED), by=None)
    change_subsidy(subsidy, "grant", by=None)
    gate = threading.Barrier(4)

    def pay(_n):
        gate.wait()
        try:
            return change_subsidy(subsidy, "pay", by=None)
        except TransitionRefused as refused:
            return refused
        finally:
            connections.close_all()

    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(pay, range(4)))
    assert sum(isinstance(answer, Subsidy) for answer in answers) == 1
    assert LedgerLine.objects.count() == 1
    assert Station.objects.count() == 0
