"""A heading is matched when it is a known word under its decoration, and otherwise only suggested."""

import pytest

from unionportal.sheets.headings import Vocabulary, match_headings, normalize_heading
from unionportal.sheets.tables import Heading

SYNONYMS = {
    "name": ["站点名称", "名称"],
    "address": ["地址", "位置", "地点"],
    "district": ["所在区县", "区县", "地区"],
    "opening_hours": ["开放时间", "service_time"],
    "lng": ["经度", "longitude"],
    "lat": ["纬度", "latitude"],
    "coordinates": ["经纬度", "坐标"],
    "phone": ["联系电话", "电话"],
    "area": ["面积"],
    "number": ["序号", "编号"],
    "wifi": ["WiFi", "facilities.wifi"],
    "facilities": ["设施", "服务设施"],
    "external_id": ["POI_ID"],
}
WORDS = Vocabulary(SYNONYMS, subject_words=["驿站", "站点", "服务站点"], repeatable=["facilities"])


def field_of(heading: str) -> str | None:
    return match_headings([heading, "another column"], WORDS)[0].field


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("站点名称", "name"),
        ("*站点名称（必填）", "name"),
        ("站点\n名称", "name"),
        (" 名 称 ", "name"),
        ("名稱", "name"),
        ("編號", "number"),
        ("驿站名称", "name"),
        ("驿站", "name"),
        ("公开候选名称", "name"),
        ("新增和升級地址", "address"),
        ("详细地址", "address"),
        ("地址/位置", "address"),
        ("面积（㎡）", "area"),
        ("面积(平方米)", "area"),
        ("ＷｉＦｉ", "wifi"),
        ("facilities.wifi", "wifi"),
        ("open_hours", None),
        ("opening_hours", "opening_hours"),
        ("Opening Hours", "opening_hours"),
        ("serviceTime", "opening_hours"),
        ("opening_hours_listed", "opening_hours"),
        ("POI_ID", "external_id"),
        ("lat", "lat"),
        ("原始 GCJ-02（经度、纬度）", "coordinates"),
        ("经纬度(高德)", "coordinates"),
        ("经度、纬度", "coordinates"),
        ("经度（GCJ-02）", "lng"),
    ],
)
def test_headings_as_real_lists_have_them(heading, field):
    assert field_of(heading) == field


@pytest.mark.parametrize(
    "heading",
    [
        "单位名称",
        "所属工会名称",
        "高德原名",
        "申请人地址",
        "地址来源",
        "联系人",
        "source_coordinate_system",
        "名称地址",
        "工作地点/分配",
        "",
    ],
)
def test_a_known_word_inside_another_heading_is_no_match(heading):
    assert field_of(heading) is None


def test_an_unknown_heading_gives_suggestions_best_first():
    match = match_headings(["开放时段", "x"], WORDS)[0]
    assert match.field is None and match.suggestions[0] == "opening_hours"
    assert match_headings(["荣誉", "x"], WORDS)[0].suggestions == []


def test_a_field_goes_to_its_best_heading_and_the_rival_is_named():
    matches = match_headings(["驿站名称", "地址", "name"], WORDS)
    assert [match.field for match in matches] == [None, "address", "name"]
    assert matches[0].rival == "name" and matches[0].suggestions == ["name"]


def test_a_repeatable_field_may_have_several_columns():
    assert [match.field for match in match_headings(["设施", "服务设施"], WORDS)] == [
        "facilities",
        "facilities",
    ]


def test_what_a_person_decided_beats_every_rule():
    matches = match_headings(["名称", "门牌", "地址"], WORDS, {"门牌": "address", "地址": "", "名称": "name"})
    assert [(match.field, match.how) for match in matches] == [
        ("name", "mapped"),
        ("address", "mapped"),
        (None, "mapped"),
    ]


def test_a_mapping_to_a_field_that_does_not_exist_is_refused():
    with pytest.raises(ValueError, match="no_such_field"):
        match_headings(["名称"], WORDS, {"名称": "no_such_field"})


def test_a_sub_heading_is_known_alone_but_not_under_another_owner():
    headings = [Heading("设施/WiFi", "A", 0, "设施"), Heading("申请人/地址", "B", 1, "申请人")]
    assert [match.field for match in match_headings(headings, WORDS)] == ["wifi", None]


def test_the_title_over_a_single_column_names_the_entries():
    assert match_headings(["合肥市最美工会驿站名单 蜀山区(10家)"], WORDS)[0].field == "name"
    assert match_headings(["合肥市最美工会驿站名单", "地址"], WORDS)[0].field is None


def test_a_heading_tells_the_datum_the_order_and_the_unit():
    assert match_headings(["原始 GCJ-02（经度、纬度）"], WORDS)[0].hints == {
        "datum": "GCJ-02",
        "order": "lng-lat",
    }
    assert match_headings(["纬度,经度（WGS84）"], WORDS)[0].hints == {"datum": "WGS-84", "order": "lat-lng"}
    assert match_headings(["百度坐标"], WORDS)[0].hints == {"datum": "BD-09"}
    assert match_headings(["面积（亩）"], WORDS)[0].hints == {"unit": "亩"}


def test_columns_are_named_by_their_letter():
    assert [match.column for match in match_headings(["名称"] * 28, WORDS)][-1] == "AB"


def test_a_heading_of_signs_alone_keeps_its_words():
    assert normalize_heading("（必填）") == "必填" and normalize_heading("***") == ""
