"""Stars and titles by year, why a station has them, and what a station can say against it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from stations.actions import (
    StationDraft,
    answer_appeal,
    change_honour,
    change_rectification,
    change_state,
    confirm,
    file_appeal,
    name_keepers,
    nominate,
    save_stations,
)
from stations.models import Appeal, Honour, Rectification
from stations.plans import counties_without_demonstration
from stations.rating import rate
from tests.factories import make_account, make_county, make_federation, make_station
from tests.standards.makers import Judged, make_standard
from tests.stations.checks import HERE, make_check, make_confirmed, make_stars, publish
from unionportal.organizations.roles import Role
from unionportal.standards import rules
from unionportal.standards.models import Assessment
from unionportal.standards.rules import Deduction
from unionportal.states import TransitionRefused

pytestmark = pytest.mark.django_db
YEAR = 2026


@pytest.fixture
def county():
    return make_county()


@pytest.fixture
def station(county):
    return make_station(county, **HERE)


@pytest.fixture
def city_reviewer():
    return make_account(Role.REVIEWER, make_federation())


@pytest.fixture
def county_reviewer(county):
    return make_account(Role.REVIEWER, county)


@pytest.fixture
def keeper(county, station):
    account = make_account(Role.STATION_KEEPER, county)
    name_keepers(station, [account], by=None)
    return account


# --- The way to an honour ----------------------------------------------------------------------------------------


@pytest.mark.system("A003")
def test_the_finest_stations_of_2022_are_nominated_selected_confirmed_and_published(
    station, county, city_reviewer, client
):
    clerk = make_account(Role.CLERK, county)
    honour = nominate(
        station, kind="finest", level="national", year=2022, by=clerk, evidence="全年服务户外劳动者，材料见附件目录"
    )
    assert client.get("/stations/honours/2022/").status_code == 404
    seen = [honour.state]
    for verb in ("select", "confirm_honour", "publish_honour"):
        with pytest.raises(PermissionDenied):
            change_honour(honour, verb, by=clerk)
        honour = change_honour(honour, verb, by=city_reviewer)
        seen.append(honour.state)
    assert seen == ["nominated", "selected", "confirmed", "published"]
    page = client.get("/stations/honours/2022/").content.decode()
    assert station.name in page
    assert "2022" in client.get(f"/stations/{station.code}/rating/").content.decode()


@pytest.mark.system("A003")
def test_one_station_may_bear_the_title_at_each_level_but_once_a_year(station):
    for level in Honour.Level.values:
        nominate(station, kind="finest", level=level, year=2022, by=None)
    with pytest.raises(ValidationError):
        nominate(station, kind="finest", level="national", year=2022, by=None)
    nominate(station, kind="finest", level="national", year=2023, by=None)


def test_a_county_decides_on_its_own_level_and_the_city_on_all_above(station, county_reviewer, city_reviewer):
    for level in ("city", "province", "national"):
        honour = nominate(station, kind="finest", level=level, year=YEAR, by=county_reviewer)
        with pytest.raises(PermissionDenied):
            change_honour(honour, "select", by=county_reviewer)
    own = nominate(station, kind="finest", level="county", year=YEAR, by=make_account(Role.CLERK, station.organization))
    assert publish(own, by=county_reviewer).published_on == timezone.localdate()


def test_whoever_nominated_a_station_does_not_confirm_the_honour(station, city_reviewer):
    honour = nominate(station, kind="finest", level="city", year=YEAR, by=city_reviewer)
    honour = change_honour(honour, "select", by=city_reviewer)
    with pytest.raises(ValidationError, match="由他人确认"):
        change_honour(honour, "confirm_honour", by=city_reviewer)
    other = make_account(Role.REVIEWER, make_federation())
    assert change_honour(honour, "confirm_honour", by=other).state == "confirmed"


def test_stars_rest_on_a_confirmed_check_by_a_union_and_are_no_more_than_it_reached(station):
    handed_in = make_check(station)
    own_word = make_confirmed(station, level="self")
    two_stars = make_confirmed(station, met=[True, False, None])
    elsewhere = make_confirmed(make_station(station.organization, "乙驿站", **HERE))
    for check, stars in ((None, 3), (handed_in, 3), (own_word, 3), (two_stars, 3), (elsewhere, 3), (two_stars, None)):
        with pytest.raises(ValidationError):
            nominate(station, kind="stars", level="city", year=YEAR, stars=stars, check=check, by=None)
    assert nominate(station, kind="stars", level="city", year=YEAR, stars=2, check=two_stars, by=None).stars == 2


def test_stars_rest_on_the_newest_check(station):
    older = make_confirmed(station)
    make_confirmed(station, older.assessment.standard, met=[True, False, None])
    with pytest.raises(ValidationError, match="更新的检查"):
        nominate(station, kind="stars", level="city", year=YEAR, stars=2, check=older, by=None)


def test_who_was_passed_over_is_nominated_anew(station):
    honour = nominate(station, kind="finest", level="city", year=YEAR, by=None)
    change_honour(honour, "pass_over", by=None, reason="材料写错，请重报")
    nominate(station, kind="finest", level="city", year=YEAR, by=None)
    with pytest.raises(ValidationError):
        nominate(station, kind="finest", level="city", year=YEAR, by=None)


def test_a_station_out_of_the_register_or_in_a_year_to_come_is_not_nominated(station):
    with pytest.raises(ValidationError):
        nominate(station, kind="finest", level="city", year=timezone.localdate().year + 1, by=None)
    change_state(station, "close", by=None, reason="拆迁")
    station.refresh_from_db()
    with pytest.raises(ValidationError):
        nominate(station, kind="finest", level="city", year=YEAR, by=None)


def test_a_nomination_that_is_refused_keeps_what_was_entered_and_says_beside_the_field_why(station, client):
    client.force_login(make_account(Role.CLERK, station.organization))
    check = make_confirmed(station, met=[True, False, None])
    told = {"station": station.pk, "kind": "stars", "level": "city", "year": YEAR, "evidence": "材料见附件"}
    for wrong, field in (
        ({"stars": 3, "check_made": check.pk}, "stars"),
        ({"stars": 2}, "check_made"),
        ({"stars": 2, "check_made": check.pk, "year": timezone.localdate().year + 1}, "year"),
    ):
        refused = client.post("/admin/stations/honour/add/", {**told, **wrong})
        assert list(refused.context["adminform"].form.errors) == [field]
        assert "材料见附件" in refused.content.decode()
    client.post("/admin/stations/honour/add/", {**told, "stars": 2, "check_made": check.pk})
    assert Honour.objects.get().state == "nominated"


def test_a_downgrade_offers_fewer_stars_only(station, city_reviewer, client):
    honour = make_stars(station)
    client.force_login(city_reviewer)
    page = client.get(f"/admin/stations/honour/{honour.pk}/do/downgrade/").content.decode()
    assert ">★★<" in page and ">★<" in page and ">★★★<" not in page


def test_a_title_bears_no_stars_and_stars_are_one_to_five(station):
    for wrong in ({"kind": "finest", "stars": 3}, {"kind": "stars", "stars": None}, {"kind": "stars", "stars": 6}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Honour.objects.create(station=station, level="city", year=YEAR, **wrong)


def test_a_step_cannot_be_left_out_and_not_chosen_needs_a_reason(station):
    honour = nominate(station, kind="finest", level="city", year=YEAR, by=None)
    for verb in ("confirm_honour", "publish_honour", "downgrade", "withdraw_honour"):
        with pytest.raises(TransitionRefused):
            change_honour(honour, verb, by=None, reason="x", stars=1)
    with pytest.raises(ValidationError):
        change_honour(honour, "pass_over", by=None)
    assert change_honour(honour, "pass_over", by=None, reason="名额已满").state == "passed_over"


# --- Down and back -----------------------------------------------------------------------------------------------


def test_a_downgrade_gives_fewer_stars_with_a_reason_that_every_visitor_reads(station, city_reviewer, client):
    honour = make_stars(station)
    for wrong in ({"stars": 3, "reason": "x"}, {"stars": None, "reason": "x"}, {"stars": 2, "reason": " "}):
        with pytest.raises(ValidationError):
            change_honour(honour, "downgrade", by=city_reviewer, **wrong)
    honour = change_honour(honour, "downgrade", by=city_reviewer, stars=2, reason="未按公布时间开放，限期未改")
    decision = honour.decisions.get()
    assert (honour.stars, decision.stars_before, decision.stars_after) == (2, 3, 2)
    page = client.get(f"/stations/{station.code}/rating/").content.decode()
    assert "未按公布时间开放" in page
    assert "3 → 2" in page


def test_a_withdrawn_honour_is_gone_from_the_public_list_and_its_reason_stays(station, client):
    honour = make_stars(station)
    change_honour(honour, "withdraw_honour", by=None, reason="造成严重社会影响")
    assert client.get(f"/stations/honours/{YEAR}/").status_code == 404
    assert "造成严重社会影响" in client.get(f"/stations/{station.code}/rating/").content.decode()


def test_an_appeal_against_a_downgrade_that_is_upheld_gives_the_stars_back(
    station, keeper, city_reviewer, county_reviewer
):
    honour = change_honour(make_stars(station), "downgrade", by=city_reviewer, stars=1, reason="锁门")
    appeal = file_appeal(honour.decisions.get(), grounds="当日为法定节假日", by=keeper)
    other = make_account(Role.REVIEWER, make_federation())
    for account in (keeper, county_reviewer, city_reviewer):
        with pytest.raises(PermissionDenied):
            answer_appeal(appeal, "uphold", by=account, answer="属实")
    with pytest.raises(ValidationError):
        answer_appeal(appeal, "uphold", by=other)
    answer_appeal(appeal, "uphold", by=other, answer="属实，公布时间不含节假日")
    honour.refresh_from_db()
    assert (honour.stars, honour.state) == (3, "published")
    assert [d.verb for d in honour.decisions.order_by("pk")] == ["downgrade", "restore"]


def test_an_appeal_against_a_withdrawal_that_is_upheld_restores_the_honour(station, keeper):
    honour = change_honour(make_stars(station), "withdraw_honour", by=None, reason="误报")
    answer_appeal(file_appeal(honour.decisions.get(), grounds="误报", by=keeper), "uphold", by=None, answer="属实")
    honour.refresh_from_db()
    assert (honour.stars, honour.state) == (3, "published")


def test_an_upheld_appeal_takes_back_the_decision_it_is_against_and_no_other(station, keeper):
    honour = change_honour(make_stars(station), "downgrade", by=None, stars=2, reason="锁门")
    lowered = honour.decisions.get()
    change_honour(honour, "downgrade", by=None, stars=1, reason="无人值守")
    change_honour(honour, "withdraw_honour", by=None, reason="弄虚作假")
    answer_appeal(file_appeal(lowered, grounds="当日放假", by=keeper), "uphold", by=None, answer="属实")
    honour.refresh_from_db()
    assert (honour.state, honour.stars) == ("withdrawn", 1)
    withdrawn = honour.decisions.get(verb="withdraw_honour")
    answer_appeal(file_appeal(withdrawn, grounds="系误会", by=keeper), "uphold", by=None, answer="属实")
    second = honour.decisions.get(verb="downgrade", stars_after=1)
    answer_appeal(file_appeal(second, grounds="有人值守", by=keeper), "uphold", by=None, answer="属实")
    honour.refresh_from_db()
    assert (honour.state, honour.stars) == ("published", 3)


def test_an_honour_withdrawn_before_it_was_published_goes_back_to_where_it_was(station, keeper):
    honour = make_stars(station, published=False)
    change_honour(honour, "withdraw_honour", by=None, reason="误报")
    answer_appeal(file_appeal(honour.decisions.get(), grounds="误报", by=keeper), "uphold", by=None, answer="属实")
    honour.refresh_from_db()
    assert (honour.state, honour.published_on) == ("confirmed", None)


def test_a_refused_appeal_changes_nothing_and_is_final(station, keeper, city_reviewer):
    honour = change_honour(make_stars(station), "downgrade", by=None, stars=1, reason="锁门")
    decision = honour.decisions.get()
    appeal = answer_appeal(
        file_appeal(decision, grounds="不服", by=keeper), "refuse", by=city_reviewer, answer="有照片"
    )
    honour.refresh_from_db()
    assert (honour.stars, appeal.state) == (1, "refused")
    with pytest.raises(ValidationError):
        file_appeal(decision, grounds="仍不服", by=keeper)
    with pytest.raises(TransitionRefused):
        answer_appeal(appeal, "uphold", by=city_reviewer, answer="x")


def test_an_appeal_against_a_check_that_is_upheld_sets_it_aside_with_all_it_asked_for(station, keeper):
    check = make_confirmed(station, met=[True, False, None])
    appeal = file_appeal(check, grounds="检查时间在开放时间之外", by=keeper)
    with pytest.raises(ValidationError):
        file_appeal(check, grounds="再次", by=keeper)
    answer_appeal(appeal, "uphold", by=None, answer="检查时间不当")
    check.assessment.refresh_from_db()
    assert check.assessment.state == Assessment.State.SET_ASIDE
    assert Rectification.objects.get().state == "dropped"
    assert rate(station).check is None


def test_a_keeper_appeals_for_his_own_station_only_and_may_take_it_back(station, keeper):
    other = make_confirmed(make_station(station.organization, "乙驿站"))
    with pytest.raises(PermissionDenied):
        file_appeal(other, grounds="x", by=keeper)
    with pytest.raises(ValidationError):
        file_appeal(make_check(station), grounds="尚未确认", by=keeper)
    appeal = file_appeal(make_confirmed(station), grounds="想再看看", by=keeper)
    assert answer_appeal(appeal, "take_back", by=keeper).state == "dropped"


def test_whoever_decided_does_not_take_the_appeal_back_for_the_station(station, keeper, city_reviewer, client):
    honour = change_honour(make_stars(station), "downgrade", by=city_reviewer, stars=1, reason="锁门")
    appeal = file_appeal(honour.decisions.get(), grounds="当日停电", by=keeper)
    with pytest.raises(PermissionDenied):
        answer_appeal(appeal, "take_back", by=city_reviewer)
    client.force_login(city_reviewer)
    page = client.get(f"/admin/stations/appeal/{appeal.pk}/change/").content.decode()
    assert f"/admin/stations/appeal/{appeal.pk}/do/" not in page


def test_whoever_may_answer_an_appeal_does_not_take_it_back_for_the_station(station, keeper, county):
    county_reviewer = make_account(Role.REVIEWER, county)
    appeal = file_appeal(make_confirmed(station), grounds="当日停电", by=keeper)
    with pytest.raises(PermissionDenied):
        answer_appeal(appeal, "take_back", by=county_reviewer)
    assert answer_appeal(appeal, "refuse", by=county_reviewer, answer="停电当日未检查").state == "refused"


def test_the_database_refuses_an_appeal_against_two_things_or_none(station):
    with pytest.raises(IntegrityError), transaction.atomic():
        Appeal.objects.create(station=station, grounds="x")


def test_an_appeal_is_filed_and_answered_on_the_staffs_pages(station, keeper, client):
    check = make_confirmed(station, met=[True, False, None])
    client.force_login(keeper)
    client.post("/admin/stations/appeal/add/", {"check_made": check.pk, "grounds": "当日停电"})
    appeal = Appeal.objects.get()
    assert client.get(f"/admin/stations/appeal/{appeal.pk}/do/uphold/").status_code == 403
    client.force_login(make_account(Role.REVIEWER, station.organization))
    client.post(f"/admin/stations/appeal/{appeal.pk}/do/refuse/", {"answer": "停电不影响开门", "_sure": "1"})
    appeal.refresh_from_db()
    assert appeal.state == "refused"


# --- Why ---------------------------------------------------------------------------------------------------------


def test_a_visitor_reads_each_criterion_its_points_the_standard_and_the_formula(station, client):
    make_stars(station)
    page = client.get(f"/stations/{station.code}/rating/").content.decode()
    for words in ("★★★", "示例标准（1）", "有标识", "按时开放", "有地图可查", "30", "1星", "县级检查"):
        assert words in page, words


def test_a_station_without_a_check_says_so_and_a_planned_one_has_no_page(station, client):
    assert client.get(f"/stations/{station.code}/rating/").status_code == 200
    planned = make_station(station.organization, "筹建中的驿站", status="planned")
    assert client.get(f"/stations/{planned.code}/rating/").status_code == 404


def test_a_record_that_changes_judges_itself_again(station, client):
    make_stars(station)
    assert rate(station).result.grade.rank == 3
    station.latitude = station.longitude = None
    save_stations([StationDraft(station)], by=None)
    rating = rate(station)
    assert (rating.result.points, rating.result.grade.rank, rating.falls_short) == (20, 2, True)
    station.latitude, station.longitude = HERE.values()
    save_stations([StationDraft(station)], by=None)
    assert rate(station).result.grade.rank == 3


def test_each_named_rule_follows_its_part_of_the_record(county, keeper):
    station = make_station(county, "规则驿站")
    standard = make_standard(
        *(
            {"text": rule, "judged": Judged.COMPUTED, "rule": rule, "parameters": parameters}
            for rule, parameters in (
                ("facilities", {"any_of": ["water", "microwave"]}),
                ("hours_known", {}),
                ("confirmed_lately", {"days": 90}),
                ("keeper_named", {}),
                ("area", {"at_least": 30}),
                ("seats", {"at_least": 20}),
            )
        )
    )
    make_confirmed(station, standard)
    assert {line.criterion.rule: line.met for line in rate(station).lines} == dict.fromkeys(
        ("facilities", "hours_known", "confirmed_lately", "keeper_named", "area", "seats"), False
    )
    station.area, station.seats, station.hours_text = 30, 20, "周一至周五 8:30-17:30"
    save_stations([StationDraft(station, {"water": "", "microwave": ""})], by=None)
    name_keepers(station, [keeper], by=None)
    confirm(station, by=make_account(Role.CLERK, county))
    station.refresh_from_db()
    assert all(line.met for line in rate(station).lines)


def test_what_was_put_right_and_verified_counts_from_then_on(station):
    make_confirmed(station, met=[True, False, None])
    assert rate(station).result.points == 20
    row = change_rectification(Rectification.objects.get(), "mend", by=None, note="修好了")
    assert rate(station).result.points == 20
    change_rectification(row, "verify_mended", by=None)
    rating = rate(station)
    assert rating.result.points == 30
    assert rating.lines[1].put_right_on == timezone.localdate()


def test_a_registered_deduction_counts_and_its_reason_is_public(station, client):
    make_stars(station)
    told = "三次反映开放时间内锁门"
    rules.register_deduction("station", "test-locked", "每次扣15分", lambda subject: Deduction(Decimal(15), told))
    try:
        rating = rate(station)
        page = client.get(f"/stations/{station.code}/rating/").content.decode()
    finally:
        rules.withdraw_deduction("station", "test-locked")
    assert (rating.result.points, rating.result.grade.rank) == (15, 1)
    assert told in page and "每次扣15分" in page
    assert rate(station).result.points == 30


def test_the_rating_costs_the_same_queries_however_many_criteria_there_are(station, client, django_assert_num_queries):
    make_confirmed(station, make_standard(*({"judged": Judged.COMPUTED, "rule": "hours_known"} for _ in range(3))))
    address = f"/stations/{station.code}/rating/"
    with django_assert_num_queries(QUERIES):
        client.get(address)
    make_confirmed(station, make_standard(*({"judged": Judged.COMPUTED, "rule": "hours_known"} for _ in range(12))))
    with django_assert_num_queries(QUERIES):
        client.get(address)


QUERIES = 13


# --- Demonstration sites -------------------------------------------------------------------------------------------


@pytest.mark.system("A042")
def test_every_one_of_86_counties_needs_a_demonstration_site_and_the_list_says_which_has_none(city_reviewer, client):
    counties = [make_county(f"第{n}县总工会（演示）", "530102") for n in range(86)]
    assert counties_without_demonstration(city_reviewer).count() == 86
    station = make_station(counties[0], "示范驿站")
    honour = nominate(station, kind="demonstration", level="province", year=2023, by=None)
    assert counties_without_demonstration(city_reviewer).count() == 86
    publish(honour)
    gaps = counties_without_demonstration(city_reviewer)
    assert gaps.count() == 85
    assert counties[0] not in gaps
    client.force_login(city_reviewer)
    page = client.get("/admin/stations/honour/gaps/").content.decode()
    assert "第0县总工会" not in page
    assert "第85县总工会" in page
    change_honour(honour, "withdraw_honour", by=None, reason="撤销")
    assert counties_without_demonstration(city_reviewer).count() == 86


@pytest.mark.system("A042")
def test_a_demonstration_site_that_is_closed_leaves_a_gap_again(station, county_reviewer):
    publish(nominate(station, kind="demonstration", level="county", year=2023, by=None))
    assert not counties_without_demonstration(county_reviewer).exists()
    change_state(station, "close", by=None, reason="拆迁")
    assert counties_without_demonstration(county_reviewer).count() == 1


def test_the_public_list_begins_with_the_highest_title_and_the_most_stars(county, client):
    for number, stars in enumerate((1, 3, 2)):
        make_stars(make_station(county, f"星级驿站{number}", **HERE), stars)
    title = make_station(county, "最美驿站")
    publish(nominate(title, kind="finest", level="national", year=YEAR, by=None))
    page = client.get("/stations/honours/").content.decode()
    places = [page.index(name) for name in ("最美驿站", "星级驿站1", "星级驿站2", "星级驿站0")]
    assert places == sorted(places)
