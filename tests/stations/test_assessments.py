"""Checks of stations: who may make one, what it finds, and what must then be put right."""

from __future__ import annotations

import datetime
import io
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image

from stations.actions import add_evidence, begin_check, change_check, change_rectification, fill_in, name_keepers
from stations.desk import checks_panel
from stations.models import AnswerPhoto, Rectification, StationAssessment
from tests.factories import make_account, make_county, make_federation, make_station
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
        page = client.post(address, {f"c{yes_no.pk}-met": "yes", f"c{score.pk}-amount": wrong}).content.decode()
        assert "checked" in page
        assert check.assessment.answers.get(criterion=yes_no).met is None


def test_a_keeper_cannot_open_the_countys_check_for_filling_of_another_station(station, keeper, client):
    other = make_station(station.organization, "另一个驿站")
    check = begin_check(other, stars_standard(), level="county", by=None)
    client.force_login(keeper)
    assert client.get(f"/admin/stations/stationassessment/{check.pk}/fill/").status_code == 404
