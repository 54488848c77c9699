"""The members sheet: headings of real lists, numbers as spreadsheets spoil them, and one record for one person."""

import io

import pytest
import xlsxwriter
from django.core.exceptions import PermissionDenied
from django.utils import translation

from members.actions import change_membership
from members.models import Member, Transfer
from members.resources import identity
from tests.factories import make_account, make_union
from tests.members.people import make_member, new_id, new_phone
from unionportal.sheets.actions import apply_run, hand_in
from unionportal.sheets.exports import exportable, write
from unionportal.sheets.resources import Context, resource_for


def book(headings, *rows):
    """An .xlsx workbook; numbers stay numbers, as a spreadsheet would keep them."""
    content = io.BytesIO()
    workbook = xlsxwriter.Workbook(content)
    sheet = workbook.add_worksheet()
    for number, row in enumerate([headings, *rows]):
        for column, value in enumerate(row):
            sheet.write(number, column, value)
    workbook.close()
    return content.getvalue()


def check(organization, headings, *rows, by=None):
    run, found = hand_in(
        book(headings, *rows), filename="members.xlsx", kind="members", organization=organization, by=by
    )
    return run, found


def codes(found):
    return [problem.code for problem in found.problems if problem.level != "note"]


@pytest.mark.system("A050")
def test_a_real_member_list_becomes_members(catch_all, clerk):
    number, phone = new_id(), new_phone()
    run, found = check(
        catch_all,
        [
            "序号",
            "姓名",
            "性别",
            "民族",
            "身份证号",
            "手机号码",
            "从业类别",
            "单位名称",
            "户口性质",
            "入会时间",
            "备注",
        ],
        [1, "演示·张某", "男", "彝", number, float(phone), "快递小哥", "滇池速递有限公司", "农业", "2024年5月", "骨干"],
        by=clerk,
    )
    assert codes(found) == []
    apply_run(run, by=clerk)
    member = Member.objects.get()
    assert (member.id_number, member.phone, member.organization) == (number, phone, catch_all)
    assert (member.ethnic_group, member.household, member.gender) == ("彝族", "rural", "M")
    assert (member.occupation_group_id, member.employer_name) == ("courier", "滇池速递有限公司")
    assert member.joined_on.isoformat() == "2024-05-01"
    assert member.spells.get().from_day == member.joined_on
    assert member.card_number
    _again, found = check(catch_all, ["姓名", "身份证号"], ["演示·张某", number], by=clerk)
    assert found.counts["unchanged"] == 1


@pytest.mark.parametrize(
    "headings",
    [
        "姓名 部门 工号 职位 工会职务 联系方式 性别 身份证号 出生年月 年龄 状态 用工形式 司龄 籍贯 入会时间 会员证号",
        "用户名 姓名 性别 民族 户籍类型 是否八大群体 身份证号 手机号码 是否农民工 单位名称 所属工会 微信ID 备注",
        "工号 姓名 所属工会 会籍状态 入会时间 会员编号",
        "姓名(与身份证一致) 身份证号码(18位) 手机号码",
        "会员姓名 证件类型 证件号码 移动电话 出生日期",
    ],
)
def test_headings_of_real_lists_are_known_or_left_out_on_purpose(catch_all, headings):
    words = headings.split()
    row = ["演示·张某" if "姓名" in word else "" for word in words]
    _run, found = check(catch_all, words, row)
    assert not {"heading-unknown", "heading-repeated"} & set(codes(found))


@pytest.mark.parametrize(
    ("cell", "why"),
    [
        (530102198501019977.0, "kept only 15 digits"),
        ("5.30102E+17", "kept only 15 digits"),
        ("530102850101001", "15-digit"),
        ("53010219850101997", "18 characters"),
        ("530102198513019971", "birth date"),
        ("530102198501019970", "check digit"),
        ("abc", "18 characters"),
    ],
)
def test_a_spoilt_id_number_is_refused_and_never_repeated(catch_all, cell, why):
    with translation.override("en"):
        _run, found = check(catch_all, ["姓名", "身份证号"], ["演示·张某", cell])
    (problem,) = [problem for problem in found.problems if problem.code == "id-number-wrong"]
    assert why in problem.message
    assert str(cell) not in problem.message + problem.value
    assert found.counts["rejected"] == 1


def test_blanks_full_width_digits_and_a_small_x_are_mended(catch_all):
    number = next(n for n in (new_id() for _ in range(400)) if n.endswith("X"))
    wide = number.lower().translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    run, found = check(catch_all, ["姓名", "身份证号"], ["演示·张某", f" {wide[:6]} {wide[6:]}"])
    assert codes(found) == []
    apply_run(run, by=None)
    assert Member.objects.get().id_number == number


def test_a_passport_is_taken_as_it_is(catch_all):
    run, found = check(catch_all, ["姓名", "证件类型", "证件号码"], ["Demo Person", "护照", "e1234 5678"])
    assert codes(found) == []
    apply_run(run, by=None)
    assert Member.objects.get().id_number == "E12345678"


def test_gender_and_birth_date_that_contradict_the_number_are_warned_of_and_the_number_counts(catch_all):
    run, found = check(catch_all, ["姓名", "身份证号", "性别", "出生日期"], ["演示·张某", new_id(), "女", "1990-01-01"])
    assert codes(found) == ["gender-conflict", "birth-date-conflict"]
    assert [problem.value for problem in found.problems] == ["女", "****-**-**"]
    apply_run(run, by=None)
    assert Member.objects.get().gender == "M"


def test_a_birth_month_agrees_with_the_number(catch_all):
    number = new_id()
    _run, found = check(
        catch_all, ["姓名", "身份证号", "出生年月"], ["演示·张某", number, f"{number[6:10]}年{number[10:12]}月"]
    )
    assert codes(found) == []


# --- The same person -----------------------------------------------------------------------------------------


def test_the_same_person_twice_in_a_file_counts_once(catch_all):
    number = new_id()
    _run, found = check(catch_all, ["姓名", "身份证号"], ["演示·张某", number], ["演示·张某", number])
    assert codes(found) == ["member-repeated"]
    assert found.counts["created"] == 1


def test_rows_of_one_person_that_differ_are_all_sent_back(catch_all):
    number = new_id()
    _run, found = check(
        catch_all, ["姓名", "身份证号", "民族"], ["演示·张某", number, "汉"], ["演示·张某", number, "彝"]
    )
    assert codes(found) == ["member-repeated", "member-repeated"]
    assert found.counts["rejected"] == 2


def test_one_number_with_two_names_is_a_case_of_its_own(catch_all):
    number = new_id()
    _run, found = check(catch_all, ["姓名", "身份证号"], ["演示·张某", number], ["演示·李某", number])
    assert codes(found) == ["member-repeated-other-name"] * 2


def test_a_number_on_record_under_another_name_is_refused_and_the_name_masked(catch_all):
    member = make_member(catch_all, name="王小明")
    _run, found = check(catch_all, ["姓名", "身份证号"], ["演示·李某", member.id_number])
    assert codes(found) == ["member-other-name"]
    assert "王小明" not in found.problems[0].message


def test_a_member_of_another_union_of_the_branch_is_transferred_not_doubled(catch_all, wuhua, clerk):
    union = make_union(wuhua, "五华区第二联合工会")
    member = make_member(union)
    run, found = check(
        wuhua, ["姓名", "身份证号", "所属工会"], [member.name, member.id_number, catch_all.name], by=clerk
    )
    assert codes(found) == ["member-transferred"]
    apply_run(run, by=clerk)
    member.refresh_from_db()
    assert member.organization == catch_all
    assert Transfer.objects.get().from_organization == union
    assert Member.objects.count() == 1


def test_a_member_of_a_foreign_union_is_refused_without_naming_it(catch_all, panlong, clerk):
    member = make_member(panlong)
    _run, found = check(catch_all, ["姓名", "身份证号"], [member.name, member.id_number], by=clerk)
    assert codes(found) == ["member-elsewhere"]
    assert panlong.name not in found.problems[0].message


def test_a_list_resumes_no_membership(catch_all):
    member = make_member(catch_all)
    change_membership(member, "leave", by=None)
    _run, found = check(catch_all, ["姓名", "身份证号"], [member.name, member.id_number])
    assert codes(found) == ["member-ended"]


def test_a_name_of_invisible_characters_is_no_name(catch_all):
    _run, found = check(catch_all, ["姓名", "身份证号"], ["\u2060\u202e", new_id()])
    assert codes(found) == ["value-required"]


def test_a_long_list_is_looked_up_in_pieces_and_a_person_in_two_of_them_is_still_seen(catch_all, monkeypatch):
    monkeypatch.setattr(identity, "PIECE", 2)
    on_record = [make_member(catch_all) for _number in range(3)]
    rows = [[member.name, member.id_number, "白族"] for member in on_record]
    twice = [on_record[0].name, on_record[0].id_number, "彝族"]
    run, found = check(catch_all, ["姓名", "身份证号", "民族"], *rows, ["演示·新人", new_id(), "汉族"], twice)
    assert [row.outcome.value for row in found.rows] == ["rejected", "updated", "updated", "created", "rejected"]
    assert [list(row.changes) for row in found.rows] == [[], ["ethnic_group"], ["ethnic_group"], [], []]
    apply_run(run, by=None, good_rows_only=True)
    assert Member.objects.filter(ethnic_group="白族").count() == 2 and Member.objects.count() == 4


def test_without_a_number_a_member_is_found_by_card_or_by_name_and_phone(catch_all):
    member = make_member(catch_all)
    _run, found = check(catch_all, ["姓名", "会员证号", "民族"], [member.name, member.card_number, "白族"])
    assert (codes(found), found.rows[0].existing.pk) == ([], member.pk)
    _run, found = check(catch_all, ["姓名", "手机号", "民族"], [member.name, member.phone, "白族"])
    assert found.rows[0].existing.pk == member.pk
    _run, found = check(catch_all, ["姓名", "民族"], ["演示·没有", "白族"])
    assert (codes(found), found.counts["created"]) == (["member-without-id"], 1)


def test_two_of_a_name_are_not_guessed_between(catch_all):
    make_member(catch_all)
    make_member(catch_all)
    _run, found = check(catch_all, ["姓名", "民族"], ["演示·王某", "白族"])
    assert codes(found) == ["member-ambiguous"]


def test_a_card_number_of_somebody_else_is_refused(catch_all):
    member = make_member(catch_all)
    _run, found = check(catch_all, ["姓名", "身份证号", "会员证号"], ["演示·李某", new_id(), member.card_number])
    assert codes(found) == ["card-number-taken"]


# --- Reach and masks -----------------------------------------------------------------------------------------


def test_a_clerk_imports_for_his_own_branch_only(catch_all, panlong, clerk):
    with pytest.raises(PermissionDenied):
        check(panlong, ["姓名"], ["演示·张某"], by=clerk)
    _run, found = check(catch_all, ["姓名", "所属工会"], ["演示·张某", panlong.name], by=clerk)
    assert "organization-unknown" in codes(found)


def test_a_near_name_of_a_union_is_suggested(wuhua, catch_all, clerk):
    _run, found = check(wuhua, ["姓名", "所属工会"], ["演示·张某", "华山街道新就业联合工会"], by=clerk)
    (problem,) = [problem for problem in found.problems if problem.code == "organization-unknown"]
    assert catch_all.name in problem.message


def test_problems_and_previews_show_masks_only(catch_all):
    member, phone = make_member(catch_all), new_phone()
    number = new_id()
    _run, found = check(
        catch_all,
        ["姓名", "身份证号", "手机号", "性别"],
        [member.name, member.id_number, phone, "女"],
        ["演示·李某", number[:-1] + "?", "139", "男"],
    )
    shown = str([problem.as_dict() for problem in found.problems]) + str([row.changes for row in found.rows])
    assert found.rows[0].changes["phone"][1] == f"{phone[:3]}****{phone[-4:]}"
    for value in (member.id_number, phone, number[:-1]):
        assert value not in shown


def test_an_export_is_masked_and_comes_back_without_harm(catch_all, clerk):
    member = make_member(catch_all)
    resource = resource_for("members")(Context(catch_all, clerk))
    file = io.BytesIO()
    write(file, resource, exportable(type(resource), clerk, catch_all), "csv")
    text = file.getvalue().decode("utf-8-sig")
    assert member.id_number not in text
    assert member.phone not in text
    _run, found = hand_in(file.getvalue(), filename="out.csv", kind="members", organization=catch_all, by=clerk)
    assert (codes(found), found.counts["unchanged"]) == ([], 1)


def test_who_only_reads_exports_nothing(catch_all, wuhua):
    with pytest.raises(PermissionDenied):
        exportable(resource_for("members"), make_account("read_only", wuhua), catch_all)
