"""The members sheet as clerks fill it in: what is mended on the way is said, and who is meant is found out whatever
else is wrong with a row.
"""

import pytest
from django.core.exceptions import PermissionDenied

from members.actions import register
from members.models import Member, MembershipSpell, OccupationGroup
from tests.members.people import make_member, new_id, new_phone
from tests.members.test_sheet import check, codes
from unionportal import bulk
from unionportal.sheets.actions import apply_run


def notes(found):
    return [problem.code for problem in found.problems if problem.level == "note"]


def only_row(union, **cells):
    """The one row of a list with these columns."""
    _run, found = check(union, ["姓名", *cells], ["演示·张某", *cells.values()])
    return found, found.rows[0]


def test_a_list_of_headings_alone_is_a_list_of_no_rows(catch_all):
    _run, found = check(catch_all, ["姓名", "身份证号"])
    assert found.counts["rows"] == 0 and not found.problems


# --- What is mended is said ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("way", ["+86 {}", "86-{}", "{}.0", " {} "])
def test_a_phone_typed_another_way_is_taken_with_a_note(catch_all, way):
    phone = new_phone()
    found, row = only_row(catch_all, 手机号码=way.format(phone))
    assert row.values["phone"] == phone
    assert notes(found) == ["phone-rewritten"]
    assert phone not in str([problem.as_dict() for problem in found.problems])


def test_a_phone_that_is_a_number_needs_no_note(catch_all):
    phone = new_phone()
    found, row = only_row(catch_all, 手机号码=float(phone))
    assert (row.values["phone"], notes(found)) == (phone, [])


def test_of_two_phones_in_a_cell_the_first_mobile_is_taken_and_the_clerk_warned(catch_all):
    phone = new_phone()
    found, row = only_row(catch_all, 手机号码=f"0871-63331234、{phone}/{new_phone()}")
    assert row.values["phone"] == phone
    assert "member-phones-several" in codes(found)


def test_a_number_with_signs_that_do_not_belong_to_it_is_taken_with_a_note(catch_all):
    number = new_id()
    found, row = only_row(catch_all, 身份证号=f"{number[:6]} {number[6:14]} {number[14:]}")
    assert row.values["id_number"] == number
    assert notes(found) == ["id-number-repaired"]


def test_an_id_number_that_became_text_with_decimals_is_read_where_its_digits_are_whole(catch_all):
    number = next(n for n in (new_id() for _ in range(400)) if n.isdigit() and int(float(n)) != int(n))
    found, row = only_row(catch_all, 身份证号=f"{number}.0")
    assert (codes(found), row.values["id_number"]) == ([], number)


def test_an_id_number_that_a_spreadsheet_has_rounded_is_refused_as_that(catch_all):
    found, row = only_row(catch_all, 身份证号="530102198501019968.0")
    assert int(float("530102198501019968")) == 530102198501019968
    (problem,) = [problem for problem in found.problems if problem.code == "id-number-wrong"]
    assert "15" in problem.message
    assert row.is_rejected


def test_a_name_spread_over_its_cell_is_one_name(catch_all):
    _run, found = check(catch_all, ["姓名", "身份证号"], ["张　三", new_id()])
    assert found.rows[0].values["name"] == "张三"
    assert notes(found)


@pytest.mark.parametrize(("cell", "gender"), [("男", "M"), ("M", "M"), ("1", "M"), (2.0, "F"), ("女性", "F")])
def test_gender_in_its_usual_spellings(catch_all, cell, gender):
    _found, row = only_row(catch_all, 性别=cell)
    assert row.values["gender"] == gender


@pytest.mark.parametrize(
    "cell", ["2023.2.1", "2023年2月1日", "20230201", 44958.0, "２０２３/2/1", "2023-02-01 00:00:00"]
)
def test_a_day_in_its_usual_forms(catch_all, cell):
    _found, row = only_row(catch_all, 入会时间=cell)
    assert row.values["joined_on"].isoformat() == "2023-02-01"


def test_a_cell_read_before_says_its_notes_in_every_row(catch_all):
    _run, found = check(catch_all, ["姓名", "入会时间"], *[[f"演示·张{n}", "2023年2月"] for n in "甲乙丙"])
    said = [(problem.row, problem.code) for problem in found.problems if problem.level == "note"]
    assert said == [(2, "date-month-only"), (3, "date-month-only"), (4, "date-month-only")]


# --- Groups of workers ---------------------------------------------------------------------------------------------


def test_the_question_for_the_eight_groups_may_name_the_group(catch_all):
    courier = OccupationGroup.objects.get(pk="courier")
    found, row = only_row(catch_all, 是否八大群体=courier.name)
    assert row.values["occupation_group"] == courier
    assert "occupation-group-conflict" not in codes(found)


def test_yes_without_a_group_and_no_beside_one_are_warned_of(catch_all):
    found, _row = only_row(catch_all, 是否八大群体="是")
    assert "occupation-group-unnamed" in codes(found)
    found, row = only_row(catch_all, 是否八大群体="否", 职业类别="快递员")
    assert "occupation-group-conflict" in codes(found)
    assert row.values["occupation_group"].pk == "courier"


# --- Who is meant --------------------------------------------------------------------------------------------------


def test_two_rows_of_one_person_are_both_named_though_one_has_another_error(catch_all):
    number = new_id()
    _run, found = check(
        catch_all,
        ["姓名", "身份证号", "所属工会"],
        ["演示·张某", number, "没有这个工会"],
        ["演示·张某", number, catch_all.name],
    )
    assert [problem.row for problem in found.problems if problem.code == "member-repeated"] == [2, 3]
    assert found.counts["rejected"] == 2


def test_two_rows_with_one_number_are_both_named_though_one_has_no_name(catch_all):
    number = new_id()
    _run, found = check(catch_all, ["姓名", "身份证号"], ["", number], ["演示·张某", number])
    assert [problem.row for problem in found.problems if problem.code == "member-repeated"] == [2, 3]


def test_two_rows_with_the_same_wrong_number_are_named_together(catch_all):
    wrong = new_id()[:-1] + "?"
    _run, found = check(catch_all, ["姓名", "身份证号"], ["演示·张某", wrong], ["演示·李某", wrong])
    assert codes(found).count("member-repeated-other-name") == 2


def test_one_person_in_two_unions_of_a_list_is_a_case_of_its_own(wuhua, catch_all, clerk):
    number = new_id()
    _run, found = check(
        wuhua,
        ["姓名", "身份证号", "所属工会"],
        ["演示·张某", number, catch_all.name],
        ["演示·张某", number, wuhua.code],
        by=clerk,
    )
    assert codes(found) == ["member-repeated-other-union"] * 2


def test_a_row_whose_union_is_unknown_is_not_taken_for_a_namesake_at_home(catch_all):
    make_member(catch_all)
    _run, found = check(catch_all, ["姓名", "所属工会"], ["演示·王某", "没有这个工会"])
    assert found.rows[0].existing is None


# --- Written in pieces ---------------------------------------------------------------------------------------------


@pytest.fixture
def long_list(catch_all):
    return [[f"演示·张{number}", new_id(), new_phone(), "汉族"] for number in range(23)]


@pytest.fixture(params=["one by one", "through COPY"])
def in_pieces(request, monkeypatch):
    monkeypatch.setattr("members.resources.BATCH", 5)
    monkeypatch.setattr(register, "BATCH", 5)
    monkeypatch.setattr(bulk, "FEW", 2 if request.param == "through COPY" else 1000)


HEADINGS = ["姓名", "身份证号", "手机号", "民族"]


def test_a_long_list_is_written_whole_and_history_gains_exactly_the_rows_that_change(catch_all, long_list, in_pieces):
    history = Member.pgh_event_model.objects
    run, _found = check(catch_all, HEADINGS, *long_list)
    apply_run(run, by=None)
    assert Member.objects.count() == MembershipSpell.objects.count() == history.count() == 23
    assert Member.objects.values("card_number").distinct().count() == 23
    long_list[7][3] = long_list[20][3] = "彝族"
    run, found = check(catch_all, HEADINGS, *long_list)
    assert found.counts["updated"] == 2
    apply_run(run, by=None)
    assert history.filter(pgh_label="update").count() == 2
    assert history.count() == 25


def test_a_list_whose_last_piece_is_refused_leaves_nothing(catch_all, panlong, long_list, in_pieces, clerk):
    _run, found = check(catch_all, HEADINGS, *long_list, by=clerk)
    found.rows[-1].values["organization"] = panlong
    with pytest.raises(PermissionDenied):
        found.resource.save(found.rows, by=clerk)
    assert Member.objects.count() == 0


def test_writing_tells_how_far_it_is(catch_all, long_list, in_pieces):
    told = []
    _run, found = check(catch_all, HEADINGS, *long_list)
    found.resource.context.wrote = lambda done, total: told.append((done, total))
    found.resource.save(found.rows, by=None)
    assert told == [(5, 23), (10, 23), (15, 23), (20, 23), (23, 23)]


def test_a_second_look_opens_no_sealed_number(catch_all, long_list, monkeypatch):
    run, _found = check(catch_all, HEADINGS, *long_list)
    apply_run(run, by=None)
    opened = []
    monkeypatch.setattr("unionportal.privacy.unseal", lambda token, context: opened.append(context) or "")
    _run, found = check(catch_all, HEADINGS, *long_list)
    assert (found.counts["unchanged"], opened) == (23, [])
