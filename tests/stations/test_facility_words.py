from pathlib import Path

import pytest

from stations.facilities import FacilityIndex, load_catalogue_csv, match_facilities, split_words

CATALOGUE = load_catalogue_csv(Path(__file__).parents[2] / "fixtures" / "reference" / "facilities.csv")
INDEX = FacilityIndex(CATALOGUE)


def _codes(text: str) -> list[str]:
    return match_facilities(text, INDEX).codes


@pytest.mark.parametrize("word", ["WIFI", "Wi-Fi", "WI-FI", "免费wifi", "无线网络", "ＷｉＦｉ", "Wifi上网", "無線網絡"])
def test_wifi_has_one_meaning_in_every_spelling(word):
    assert _codes(word) == ["wifi"]


def test_a_cell_of_a_real_list_is_read_in_full():
    reading = match_facilities(
        "饮水机、微波炉、沙发桌椅、医药箱、多功能电源插座、中央空调、工会信箱、维修工具、书架、"
        "雨伞等便民设施设备；已配备母婴室",
        INDEX,
    )
    assert reading.codes == [
        "water", "microwave", "sofa", "table", "first_aid", "phone_charging", "air_con",
        "info_desk", "tools", "books", "rain_gear", "mother_baby",
    ]  # fmt: skip
    assert not reading.unknown


def test_what_stands_in_brackets_is_a_note_on_the_facility():
    reading = match_facilities("应急药箱(配备常用药、创可贴)、AED(自动体外除颤器)", INDEX)
    assert [(item.code, item.note) for item in reading.found] == [
        ("first_aid", "配备常用药、创可贴"),
        ("aed", "自动体外除颤器"),
    ]


def test_and_joins_two_facilities_but_does_not_cut_a_word():
    assert _codes("应急医药箱和休息座椅") == ["first_aid", "table"]
    assert _codes("修鞋和补衣服务") == ["repairs"]


@pytest.mark.parametrize(
    "word", ["休息", "休憩", "面积约15平方米", "10元一餐", "24小时", "恒温20-25度", "30余项设备设施"]
)
def test_remarks_that_name_no_facility_are_kept_apart(word):
    reading = match_facilities(word, INDEX)
    assert not reading.found
    assert reading.remarks or word == "30余项设备设施"
    assert not reading.unknown


@pytest.mark.parametrize("word", ["无卫生间", "没有空调", "暂无微波炉", "不提供饮水", "未配备AED"])
def test_a_facility_that_is_denied_is_not_promised(word):
    assert _codes(word) == []


def test_a_fan_is_no_air_conditioning_and_a_power_bank_no_socket():
    assert _codes("电风扇") == ["cooling"]
    assert _codes("手机充电宝") == ["power_bank"]


def test_accessible_toilets_are_more_than_toilets():
    assert _codes("普通卫生间及残疾人卫生间") == ["toilet", "accessible"]


def test_an_unknown_word_is_shown_to_a_person():
    assert match_facilities("时空隧道", INDEX).unknown == ["时空隧道"]


def test_every_separator_of_real_lists_splits():
    assert split_words("空调,沙发；躺椅/图书\\n雨伞\n纸巾") == [
        "空调",
        "沙发",
        "躺椅",
        "图书",
        "雨伞",
        "纸巾",
    ]


@pytest.mark.parametrize(
    ("heading", "code"),
    [
        ("facilities.ac", "air_con"),
        ("facilities.wifi", "wifi"),
        ("facilities.charge", "phone_charging"),
        ("facilities.water", "water"),
        ("有无微波炉", "microwave"),
        ("设施：冰箱", "fridge"),
        ("facilities.open24", None),
        ("地址", None),
    ],
)
def test_yes_no_columns_are_known_by_their_heading(heading, code):
    assert INDEX.for_heading(heading) == code


def test_no_word_of_the_catalogue_means_two_facilities():
    meanings: dict[str, set[str]] = {}
    for entry in CATALOGUE:
        for word in (entry.name, *entry.synonyms):
            meanings.setdefault(word.lower(), set()).add(entry.code)
    assert {word: codes for word, codes in meanings.items() if len(codes) > 1} == {}
