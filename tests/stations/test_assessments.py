"""Checks of stations: who may make one, what it finds, and what must then be put right."""

from __future__ import annotations

import datetime
import io
import re
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.utils import timezone
from PIL import Image

from stations.actions import (
    add_evidence,
    answer_appeal,
    begin_check,
    change_check,
    change_rectification,
    file_appeal,
    fill_in,
    name_keepers,
)
from stations.desk import checks_panel
from stations.models import AnswerPhoto, Rectification, StationAssessment
from tests.factories import make_account, make_county, make_federation, make_station, make_union
from tests.standards.makers import Judged, make_standard, stars_standard
from tests.stations.checks import HERE, make_check, make_confirmed
from unionportal.organizations.models import RoleAssignment
from unionportal.organizations.roles import Role
from unionportal.standards.models import Assessment
from unionportal.states import TransitionRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def county():
    return make_county()


@pytest.fixture
def station(county):
    return make_station(county, **HERE)


@pytest.fixture
def clerk(county):
    return make_account(Role.CLERK, county)


@pytest.fixture
def reviewer(county):
    return make_account(Role.REVIEWER, county)


@pytest.fixture
def keeper(county, station):
    account = make_account(Role.STATION_KEEPER, county)
    name_keepers(station, [account], by=None)
    return account


def picture() -> SimpleUploadedFile:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "JPEG")
    return SimpleUploadedFile("photo.jpg", file.getvalue(), content_type="image/jpeg")


# --- Who may ---------------------------------------------------------------------------------------------------


def test_a_keeper_checks_his_own_station_and_no_other(county, station, keeper):
    standard = stars_standard()
    check = begin_check(station, standard, level="self", by=keeper)
    assert check.assessment.organization == county
    with pytest.raises(PermissionDenied):
        begin_check(make_station(county, "另一个驿站"), standard, level="self", by=keeper)


def test_a_keeper_makes_no_county_check_and_a_county_no_city_check(station, keeper, clerk):
    standard = stars_standard()
    for level, account in (("county", keeper), ("spot", keeper), ("city", clerk)):
        with pytest.raises(PermissionDenied):
            begin_check(station, standard, level=level, by=account)
    assert not StationAssessment.objects.exists()


def test_each_level_is_made_in_the_name_of_its_union(county, station, clerk):
    city_clerk = make_account(Role.CLERK, make_federation())
    made = {
        level: begin_check(station, stars_standard(), level=level, by=account).assessment.organization
        for level, account in (("county", clerk), ("city", city_clerk), ("spot", clerk))
    }
    assert made == {"county": county, "city": make_federation(), "spot": county}
    assert begin_check(station, stars_standard(), level="spot", by=city_clerk).assessment.organization.depth == 1


def test_a_clerk_of_another_county_neither_begins_nor_fills_nor_confirms(station, clerk):
    check = make_check(station)
    stranger = make_account(Role.REVIEWER, make_county("丙区总工会（演示）", "530111"))
    with pytest.raises(PermissionDenied):
        begin_check(station, stars_standard(), level="county", by=stranger)
    with pytest.raises(PermissionDenied):
        change_check(check, "confirm_check", by=stranger)
    assert not StationAssessment.objects.visible_to(stranger).exists()


def test_a_county_reviewer_does_not_confirm_the_citys_check(station, reviewer):
    check = make_check(station, level="city")
    with pytest.raises(PermissionDenied):
        change_check(check, "confirm_check", by=reviewer)


def test_a_clerk_hands_in_and_a_reviewer_confirms(station, clerk, reviewer):
    check = make_check(station, by=clerk)
    with pytest.raises(PermissionDenied):
        change_check(check, "confirm_check", by=clerk)
    confirmed = change_check(check, "confirm_check", by=reviewer)
    assert confirmed.assessment.confirmed_by == reviewer


def test_whoever_handed_in_a_check_does_not_confirm_it(station, county, reviewer):
    check = make_check(station, by=reviewer)
    with pytest.raises(ValidationError, match="由他人确认"):
        change_check(check, "confirm_check", by=reviewer)
    assert Assessment.objects.get().state == Assessment.State.SUBMITTED
    another = make_account(Role.REVIEWER, county)
    assert change_check(check, "confirm_check", by=another).assessment.confirmed_by == another


def test_the_database_refuses_a_check_confirmed_by_whoever_handed_it_in(station, reviewer):
    make_confirmed(station)
    with pytest.raises(IntegrityError), transaction.atomic():
        Assessment.objects.update(submitted_by=reviewer, confirmed_by=reviewer)


# --- Filling in ------------------------------------------------------------------------------------------------


def test_a_check_with_an_open_criterion_is_not_handed_in(station):
    with pytest.raises(ValidationError) as refused:
        make_check(station, met=[True, None, None])
    assert "按时开放" in str(refused.value)


def test_what_is_judged_from_the_record_is_answered_by_the_record_whatever_was_typed(station):
    check = make_check(station, met=[True, True, False])
    assert check.assessment.answers.get(criterion__rule="on_the_map").met is True
    lost = make_check(make_station(station.organization, "没有位置的驿站"), met=[True, True, True])
    assert lost.assessment.answers.get(criterion__rule="on_the_map").met is False


def test_counts_and_points_are_kept_as_counted_and_given(station):
    standard = make_standard(
        {"judged": Judged.COUNT, "minimum": 2, "points": 10}, {"judged": Judged.SCORE, "minimum": 6, "points": 10}
    )
    count, score = standard.criteria.all()
    check = begin_check(station, standard, level="county", by=None)
    fill_in(check, {count.pk: {"amount": Decimal(3)}, score.pk: {"amount": Decimal(5)}}, by=None)
    change_check(change_check(check, "submit", by=None), "confirm_check", by=None)
    check.assessment.refresh_from_db()
    assert check.assessment.points == 15
    assert Rectification.objects.get().answer.criterion == score


def test_nothing_is_changed_once_a_check_was_handed_in(station):
    check = make_check(station)
    with pytest.raises(ValidationError):
        fill_in(check, {}, by=None)
    with pytest.raises(ValidationError):
        add_evidence(check, check.assessment.standard.criteria.first(), picture(), by=None)


def test_a_check_sent_back_can_be_changed_and_needs_a_reason(station):
    check = make_check(station, met=[True, False, None])
    with pytest.raises(ValidationError):
        change_check(check, "send_back", by=None)
    change_check(check, "send_back", by=None, reason="照片不清")
    fill_in(check, {check.assessment.standard.criteria.all()[1].pk: {"met": True}}, by=None)
    change_check(change_check(check, "submit", by=None), "confirm_check", by=None)
    assert not Rectification.objects.exists()


def test_two_drafts_of_one_check_and_a_check_on_a_day_to_come_are_refused(station):
    standard = stars_standard()
    begin_check(station, standard, level="county", by=None)
    with pytest.raises(ValidationError):
        begin_check(station, standard, level="county", by=None)
    tomorrow = timezone.localdate() + datetime.timedelta(days=1)
    with pytest.raises(ValidationError):
        begin_check(station, stars_standard(), level="county", by=None, on=tomorrow)
    with pytest.raises(ValidationError):
        begin_check(station, make_standard(object_kind="union"), level="county", by=None)


def test_a_confirmed_check_is_not_confirmed_again(station):
    check = make_confirmed(station, met=[True, False, None])
    with pytest.raises(TransitionRefused):
        change_check(check, "confirm_check", by=None)
    with pytest.raises(ValidationError):
        # An appeal that is upheld does this.
        change_check(check, "set_aside", by=None, reason="x")
    assert Rectification.objects.count() == 1


def test_a_check_may_give_less_than_was_reached_with_a_reason_and_never_more(station):
    standard = stars_standard()
    one, two, three = standard.grades.order_by("rank")
    check = make_check(station, standard, met=[True, True, None])
    with pytest.raises(ValidationError):
        change_check(check, "confirm_check", by=None, grade=two)
    assert change_check(check, "confirm_check", by=None, grade=two, reason="面积未核实").assessment.grade == two
    lower = make_check(make_station(station.organization, "乙驿站"), standard, met=[True, False, None])
    for above in (two, three):
        with pytest.raises(ValidationError):
            change_check(lower, "confirm_check", by=None, grade=above, reason="照顾")
    assert change_check(lower, "confirm_check", by=None).assessment.grade == one


# --- Evidence --------------------------------------------------------------------------------------------------


def test_evidence_is_kept_without_exif_for_staff_who_may_see_the_check(station, keeper, client):
    check = begin_check(station, stars_standard(), level="self", by=keeper)
    criterion = check.assessment.standard.criteria.first()
    photo = add_evidence(check, criterion, picture(), by=keeper)
    assert photo.image.name.endswith(".webp")
    address = f"/admin/stations/stationassessment/{check.pk}/photo/{photo.pk}/"
    assert client.get(f"/media/{photo.image.name}").status_code == 404
    assert client.get(address).status_code == 302
    client.force_login(keeper)
    assert client.get(address).status_code == 200
    client.force_login(make_account(Role.CLERK, make_county("丙区总工会（演示）", "530111")))
    assert client.get(address).status_code == 404


def test_what_is_no_picture_is_refused_and_six_photos_are_enough(station):
    check = begin_check(station, stars_standard(), level="county", by=None)
    criterion = check.assessment.standard.criteria.first()
    with pytest.raises(ValidationError):
        add_evidence(check, criterion, io.BytesIO(b"%!PS"), by=None)
    for _ in range(6):
        add_evidence(check, criterion, picture(), by=None)
    with pytest.raises(ValidationError):
        add_evidence(check, criterion, picture(), by=None)
    assert AnswerPhoto.objects.count() == 6


# --- Put right -------------------------------------------------------------------------------------------------


def test_each_criterion_not_met_opens_a_rectification_with_its_day(station):
    due = timezone.localdate() + datetime.timedelta(days=10)
    check = make_check(station, met=[False, False, None])
    change_check(check, "confirm_check", by=None, due_on=due)
    assert [(row.answer.criterion.text, row.due_on) for row in Rectification.objects.order_by("answer")] == [
        ("有标识", due),
        ("按时开放", due),
    ]


def test_a_day_that_is_past_is_refused_and_the_check_stays_handed_in(station):
    check = make_check(station, met=[False, True, None])
    with pytest.raises(ValidationError):
        change_check(check, "confirm_check", by=None, due_on=timezone.localdate() - datetime.timedelta(days=1))
    assert Assessment.objects.get(pk=check.assessment_id).state == Assessment.State.SUBMITTED
    assert not Rectification.objects.exists()


def test_the_same_fault_found_again_is_not_owed_twice(station):
    standard = stars_standard()
    for _ in range(2):
        make_confirmed(station, standard, met=[True, False, None])
    assert Rectification.objects.count() == 1


def test_what_a_newer_check_finds_unmet_still_goes_on_with_its_own_day_under_that_check(station):
    standard, day = stars_standard(), timezone.localdate()
    first = make_check(station, standard, met=[True, False, None])
    change_check(first, "confirm_check", by=None, due_on=day + datetime.timedelta(days=3))
    change_rectification(Rectification.objects.get(), "mend", by=None, note="调整了值班表")
    second = make_confirmed(station, standard, met=[False, False, None])
    carried = Rectification.objects.get(answer__criterion__text="按时开放")
    assert carried.answer.assessment == second.assessment
    # It had been reported as mended, and the check saw that it was not.
    assert (carried.due_on, carried.state) == (day + datetime.timedelta(days=3), "open")
    assert Rectification.objects.count() == 2


def test_what_a_newer_check_finds_met_is_verified_by_it(station, reviewer):
    standard = stars_standard()
    make_confirmed(station, standard, met=[True, False, None])
    change_check(make_check(station, standard, met=[True, True, None]), "confirm_check", by=reviewer)
    row = Rectification.objects.get()
    assert (row.state, row.verified_on, row.verified_by) == ("verified", timezone.localdate(), reviewer)


def test_an_older_check_confirmed_late_changes_nothing_of_what_a_newer_one_asked_for(station):
    standard, earlier = stars_standard(), timezone.localdate() - datetime.timedelta(days=20)
    late = begin_check(station, standard, level="county", by=None, on=earlier)
    sign, opening, _on_map = standard.criteria.all()
    fill_in(late, {sign.pk: {"met": False}, opening.pk: {"met": True}}, by=None)
    late = change_check(late, "submit", by=None)
    make_confirmed(station, standard, met=[True, False, None])
    change_check(late, "confirm_check", by=None)
    row = Rectification.objects.get()
    assert (row.answer.criterion, row.state) == (opening, "open")


def test_a_stations_own_word_settles_nothing_that_the_county_found(station):
    standard = stars_standard()
    make_confirmed(station, standard, met=[True, False, None])
    make_confirmed(station, standard, level="self", met=[True, True, None])
    assert Rectification.objects.get().state == "open"


def test_a_check_set_aside_gives_back_what_the_check_before_it_had_asked_for(station):
    standard = stars_standard()
    first = make_confirmed(station, standard, met=[True, False, None])
    second = make_confirmed(station, standard, met=[False, False, None])
    answer_appeal(file_appeal(second, grounds="检查当日停电", by=None), "uphold", by=None, answer="属实")
    told = {row.answer.criterion.text: row for row in Rectification.objects.all()}
    assert told["有标识"].state == "dropped"
    assert (told["按时开放"].state, told["按时开放"].answer.assessment) == ("open", first.assessment)


@pytest.mark.parametrize(("reported", "state"), [(False, "open"), (True, "mended")])
def test_what_a_check_found_put_right_is_owed_again_once_that_check_is_set_aside(station, keeper, reported, state):
    standard = stars_standard()
    make_confirmed(station, standard, met=[True, False, None])
    if reported:
        change_rectification(Rectification.objects.get(), "mend", by=keeper, note="调整了值班表")
    second = make_confirmed(station, standard, met=[True, True, None])
    assert Rectification.objects.get().state == "verified"
    answer_appeal(file_appeal(second, grounds="检查人认错了站点", by=None), "uphold", by=None, answer="属实")
    row = Rectification.objects.get()
    assert (row.state, row.verified_on, row.mended_note) == (state, None, "调整了值班表" if reported else "")


def test_what_a_newer_check_has_decided_is_not_owed_twice_when_the_one_before_it_is_set_aside(station):
    standard = stars_standard()
    make_confirmed(station, standard, met=[True, False, None])
    second = make_confirmed(station, standard, met=[True, True, None])
    make_confirmed(station, standard, met=[True, False, None])
    answer_appeal(file_appeal(second, grounds="检查人认错了站点", by=None), "uphold", by=None, answer="属实")
    assert sorted(row.state for row in Rectification.objects.all()) == ["open", "verified"]


def test_a_keeper_mends_and_a_reviewer_verifies(station, keeper, reviewer, clerk):
    make_confirmed(station, met=[True, False, None])
    row = Rectification.objects.get()
    with pytest.raises(ValidationError):
        change_rectification(row, "mend", by=keeper)
    change_rectification(row, "mend", by=keeper, note="调整了值班表")
    for account in (keeper, clerk):
        with pytest.raises(PermissionDenied):
            change_rectification(row, "verify_mended", by=account)
    done = change_rectification(row, "verify_mended", by=reviewer)
    assert (done.state, done.verified_by, done.verified_on) == ("verified", reviewer, timezone.localdate())
    with pytest.raises(TransitionRefused):
        change_rectification(row, "mend", by=keeper, note="再来")


def test_nobody_verifies_what_he_reported_himself(station, county):
    both = make_account(Role.CLERK, county)
    RoleAssignment.objects.create(account=both, role=Role.REVIEWER, organization=county)
    make_confirmed(station, met=[True, False, None])
    row = change_rectification(Rectification.objects.get(), "mend", by=both, note="修好了")
    with pytest.raises(ValidationError):
        change_rectification(row, "verify_mended", by=both)


def test_what_is_not_mended_is_owed_again_with_the_reason(station):
    make_confirmed(station, met=[True, False, None])
    row = change_rectification(Rectification.objects.get(), "mend", by=None, note="修好了")
    with pytest.raises(ValidationError):
        change_rectification(row, "not_mended", by=None)
    assert change_rectification(row, "not_mended", by=None, reason="仍然锁着").state == "open"


def test_the_countys_home_shows_what_is_overdue_and_a_neighbours_does_not(station, clerk, rf):
    make_confirmed(station, met=[False, False, None])
    Rectification.objects.update(due_on=timezone.localdate() - datetime.timedelta(days=1))
    stranger = make_account(Role.CLERK, make_county("丙区总工会（演示）", "530111"))
    told = {}
    for account in (clerk, stranger):
        request = rf.get("/admin/")
        request.user = account
        told[account] = checks_panel(request).counts[0]
    assert (told[clerk].number, told[clerk].late) == (2, True)
    assert told[stranger].number == 0


# --- The page an inspector fills in ------------------------------------------------------------------------------


def test_an_inspector_fills_in_one_page_and_hands_it_in(station, clerk, reviewer, client):
    standard = stars_standard()
    client.force_login(clerk)
    told = {"station": station.pk, "standard": standard.pk, "level": "county", "assessed_on": timezone.localdate()}
    begun = client.post("/admin/stations/stationassessment/add/", told)
    check = StationAssessment.objects.get()
    assert begun.url == f"/admin/stations/stationassessment/{check.pk}/fill/"
    sign, opening, _on_map = standard.criteria.all()
    page = client.get(begun.url).content.decode()
    assert page.index("有标识") < page.index("按时开放") < page.index("有地图可查")
    answers = {f"c{sign.pk}-met": "yes", f"c{opening.pk}-met": "no", f"c{opening.pk}-note": "锁着", "_submit": "1"}
    handed = client.post(begun.url, {**answers, f"c{opening.pk}-photo": picture()})
    client.post(handed.url, {"_sure": "1"})
    check = StationAssessment.objects.get()
    assert check.assessment.state == Assessment.State.SUBMITTED
    assert check.assessment.answers.get(criterion=opening).note == "锁着"
    assert AnswerPhoto.objects.get().answer.criterion == opening
    client.force_login(reviewer)
    due = timezone.localdate() + datetime.timedelta(days=7)
    client.post(f"/admin/stations/stationassessment/{check.pk}/do/confirm_check/", {"due_on": due, "_sure": "1"})
    assert Rectification.objects.get().due_on == due


def test_one_wrong_number_keeps_the_whole_page_from_being_saved_and_is_said_beside_it(station, clerk, client):
    standard = make_standard({"text": "甲"}, {"text": "卫生", "judged": Judged.SCORE, "points": 10})
    check = begin_check(station, standard, level="county", by=clerk)
    yes_no, score = standard.criteria.all()
    client.force_login(clerk)
    address = f"/admin/stations/stationassessment/{check.pk}/fill/"
    for wrong in ("十分", "11", "-1"):
        told = {f"c{yes_no.pk}-met": "yes", f"c{yes_no.pk}-note": "门头已挂", f"c{score.pk}-amount": wrong}
        page = client.post(address, {**told, f"c{yes_no.pk}-photo": picture()}).content.decode()
        first, second = page.split(f'id="c{score.pk}"')
        assert "checked" in first and "门头已挂" in first and "请重新选择照片" in first
        assert f'id="c{score.pk}-error"' in second and f'value="{wrong}"' in second
        assert check.assessment.answers.get(criterion=yes_no).met is None
    assert not AnswerPhoto.objects.exists()


def fields_of(page: str) -> dict[str, str]:
    """The hidden fields of the page to fill in, as the browser sends them back."""
    return dict(re.findall(r'<input type="hidden" name="(c[^"]+)" value="([^"]*)"', page))


def test_two_who_fill_in_one_check_keep_what_the_other_answered_and_are_told_of_a_clash(station, clerk, client):
    standard = stars_standard()
    check = begin_check(station, standard, level="county", by=clerk)
    sign, opening, _on_map = standard.criteria.all()
    client.force_login(clerk)
    address = f"/admin/stations/stationassessment/{check.pk}/fill/"
    seen = fields_of(client.get(address).content.decode())
    client.post(address, {**seen, f"c{sign.pk}-met": "yes", f"c{sign.pk}-note": "门头清楚"})
    client.post(address, {**seen, f"c{opening.pk}-met": "no"})
    answers = {row.criterion_id: (row.met, row.note) for row in check.assessment.answers.all()}
    assert (answers[sign.pk], answers[opening.pk]) == ((True, "门头清楚"), (False, ""))
    clash = client.post(address, {**seen, f"c{sign.pk}-met": "no"}).content.decode()
    assert f'id="c{sign.pk}-error"' in clash
    assert check.assessment.answers.get(criterion=sign).met is True


def test_who_may_not_confirm_the_citys_check_has_no_button_for_it(station, reviewer, client):
    check = make_check(station, stars_standard(), met=[True, True, None], level="city")
    client.force_login(reviewer)
    page = client.get(f"/admin/stations/stationassessment/{check.pk}/change/").content.decode()
    assert "/do/confirm_check/" not in page and "/do/cancel_check/" not in page


def test_what_the_county_found_the_stations_own_union_neither_verifies_nor_drops(station, county):
    street = make_union(county)
    station.organization = street
    station.save()
    own = make_account(Role.REVIEWER, street)
    make_confirmed(station, met=[True, False, None])
    row = Rectification.objects.get()
    with pytest.raises(PermissionDenied):
        change_rectification(row, "drop_rectification", by=own, reason="无需整改")
    change_rectification(row, "mend", by=own, note="已整改")
    with pytest.raises(PermissionDenied):
        change_rectification(row, "verify_mended", by=own)


def test_what_was_found_today_was_not_mended_before(station):
    make_confirmed(station, met=[True, False, None])
    with pytest.raises(ValidationError, match="发现"):
        change_rectification(Rectification.objects.get(), "mend", by=None, note="已改", on=datetime.date(2020, 1, 1))


@pytest.mark.parametrize(
    ("rule", "parameters"),
    [
        ("seats", {"at_least": "多"}),
        ("seats", {}),
        ("confirmed_lately", {"days": "abc"}),
        ("facilities", {"any_of": ["nope"]}),
        ("facilities", {"any_of": ["water"], "at_least": 2}),
        ("on_the_map", {"days": 1}),
    ],
)
def test_parameters_that_a_rule_cannot_use_are_refused_and_break_no_page(station, clerk, client, rule, parameters):
    standard = make_standard({"text": "条目", "judged": Judged.COMPUTED, "rule": rule, "parameters": parameters})
    with pytest.raises(ValidationError) as told:
        standard.criteria.get().full_clean()
    assert told.value.message_dict.keys() == {"parameters"}
    check = begin_check(station, standard, level="county", by=clerk)
    client.force_login(clerk)
    assert client.get(f"/admin/stations/stationassessment/{check.pk}/fill/").status_code == 200


def test_a_check_handed_in_too_early_is_saved_and_says_beside_each_criterion_that_it_waits(station, clerk, client):
    standard = stars_standard()
    check = begin_check(station, standard, level="county", by=clerk)
    sign, opening, _on_map = standard.criteria.all()
    client.force_login(clerk)
    address = f"/admin/stations/stationassessment/{check.pk}/fill/"
    page = client.post(address, {f"c{sign.pk}-met": "yes", "_submit": "1"}).content.decode()
    assert f'id="c{opening.pk}-error"' in page and f'id="c{sign.pk}-error"' not in page
    assert check.assessment.answers.get(criterion=sign).met is True
    assert Assessment.objects.get().state == Assessment.State.DRAFT


def chosen(page: str, name: str) -> str:
    """The value of the option that the page has chosen in a drop-down; the first one where none is."""
    options = re.search(rf'<select name="{name}".*?</select>', page, re.DOTALL)[0]
    values = re.findall(r'<option value="([^"]*)"( selected)?', options)
    return next((value for value, selected in values if selected), values[0][0])


def test_a_check_begins_at_the_level_of_its_union_and_under_no_standard_that_nobody_chose(station, county, client):
    stars_standard(), stars_standard()
    for account, level in (
        (make_account(Role.CLERK, make_federation()), "city"),
        (make_account(Role.CLERK, county), "county"),
        (make_account(Role.CLERK, make_union(county)), "self"),
    ):
        client.force_login(account)
        page = client.get("/admin/stations/stationassessment/add/").content.decode()
        assert (chosen(page, "standard"), chosen(page, "level")) == ("", level)


def test_a_check_that_is_refused_keeps_what_was_entered_and_says_beside_the_field_why(station, clerk, client):
    standard = stars_standard()
    tomorrow = (timezone.localdate() + datetime.timedelta(days=1)).isoformat()
    told = {"station": station.pk, "standard": standard.pk, "level": "spot", "assessed_on": tomorrow}
    client.force_login(clerk)
    refused = client.post("/admin/stations/stationassessment/add/", told)
    assert refused.context["adminform"].form.errors.keys() == {"assessed_on"}
    page = refused.content.decode()
    assert (chosen(page, "standard"), chosen(page, "level")) == (str(standard.pk), "spot")
    assert tomorrow in page
    begin_check(station, standard, level="spot", by=clerk)
    again = client.post("/admin/stations/stationassessment/add/", {**told, "assessed_on": timezone.localdate()})
    assert again.context["adminform"].form.errors.keys() == {"station"}


def test_a_confirmation_that_is_refused_is_asked_again_with_what_was_entered(station, reviewer, client):
    standard = stars_standard()
    check = make_check(station, standard, met=[True, False, None])
    address = f"/admin/stations/stationassessment/{check.pk}/do/confirm_check/"
    client.force_login(reviewer)
    page = client.get(address).content.decode()
    assert "1条未达标" in page and "2星，20分，满分30分" in page
    one, two, three = standard.grades.order_by("rank")
    grades = re.search(r'<select name="grade".*?</select>', page, re.DOTALL)[0]
    assert f'value="{one.pk}"' in grades and f'value="{two.pk}"' not in grades and f'value="{three.pk}"' not in grades
    due = timezone.localdate() + datetime.timedelta(days=9)
    refused = client.post(address, {"due_on": due, "grade": one.pk, "reason": "", "_sure": "1"}).content.decode()
    assert "评定为较低等级须说明理由" in refused
    assert due.isoformat() in refused and chosen(refused, "grade") == str(one.pk)
    assert Assessment.objects.get().state == Assessment.State.SUBMITTED


def test_a_confirmation_asks_for_no_day_where_everything_is_met(station, reviewer, client):
    check = make_check(station, make_standard({}, {}))
    client.force_login(reviewer)
    address = f"/admin/stations/stationassessment/{check.pk}/do/confirm_check/"
    page = client.get(address).content.decode()
    assert 'name="due_on"' not in page and 'name="grade"' not in page
    client.post(address, {"_sure": "1"})
    assert Assessment.objects.get().state == Assessment.State.CONFIRMED


def test_a_keeper_cannot_open_the_countys_check_for_filling_of_another_station(station, keeper, client):
    other = make_station(station.organization, "另一个驿站")
    check = begin_check(other, stars_standard(), level="county", by=None)
    client.force_login(keeper)
    assert client.get(f"/admin/stations/stationassessment/{check.pk}/fill/").status_code == 404
