import csv
from pathlib import Path

import pytest

from stations.facilities import CatalogueEntry
from stations.naming import NameIndex, host_kind_for_name, kind_for_name, normalize_name, split_serial

REFERENCE = Path(__file__).parents[2] / "fixtures" / "reference"


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("1、北极岩人防工程", ("1", "北极岩人防工程")),
        ("No.1,輪子坡綜合服務區工會驛站", ("1", "輪子坡綜合服務區工會驛站")),
        ("No3.萬盛街道萬北一社區工會驛站", ("3", "萬盛街道萬北一社區工會驛站")),
        ("①站", ("1", "站")),
        ("(12)文林街驿站", ("12", "文林街驿站")),
        ("311国道东海服务区晶都驿站", ("", "311国道东海服务区晶都驿站")),
        ("3.1广场驿站", ("", "3.1广场驿站")),
        ("1路公交首末站驿站", ("", "1路公交首末站驿站")),
        ("12、", ("", "12、")),
    ],
)
def test_a_serial_is_split_off_and_a_number_of_the_name_is_not(name, parts):
    assert split_serial(name) == parts


def test_stations_that_differ_only_inside_brackets_are_two_stations():
    one = "户外劳动者服务站点工会驿站(华图教育站)"
    other = "户外劳动者服务站点工会驿站(青阳路社区站)"
    assert normalize_name(one) != normalize_name(other)


@pytest.mark.parametrize(
    "other",
    [
        "No.1,萬盛街道松林社區暖心驛站（北門）",
        " 万盛街道 松林社区“暖心驿站”(北门)",
        "1、万盛街道松林社区·暖心驿站（北门）",
    ],
)
def test_spellings_of_one_name_are_one_name(other):
    assert normalize_name(other) == normalize_name("万盛街道松林社区暖心驿站(北门)")


@pytest.mark.parametrize(
    ("name", "kind", "host"),
    [
        ("衡水市工人文化宫工会驿站", "HW", "union"),
        ("工会驿站(郑州市职工之家)", "HW", "union"),
        ("农情暖域工会驿站(农行都昌中馆支行)", "HW", "bank"),
        ("工会驿站(郑州高新区雪松路河南优德大药房)", "HW", "pharmacy"),
        ("永阳公园3号公厕工会爱心驿站", "HW", "toilet"),
        ("行政大廳勞動者港灣", "HW", "government"),
        ("爱心加油站(模式口老北京菜馆)", "HW", "restaurant"),
        ("大学路街道工心驿站", "HW", None),
        ("安亭加油站（司机之家）", "SJ", "gas_station"),
        ("金堂服务区货车司机“暖心之家”", "SJ", "service_area"),
        ("青州博物馆“工会妈妈小屋”", "MM", "scenic"),
        ("五华区心灵驿站", "XL", None),
        ("东河社区党群服务中心（纳凉点）", "NL", "center"),
        ("雨花山人防工程", "NL", "civil_defence"),
        ("小坝社区职工书屋", "SW", "community"),
        ("昆明市工人文化宫", "WH", "union"),
        ("方泰新公厕", None, "toilet"),
        ("解放碑捌壹里网红街地下商场", None, "civil_defence"),
        ("菜鸟驿站", None, "post"),
    ],
)
def test_a_name_tells_its_kind_and_its_host(name, kind, host):
    assert kind_for_name(name) == kind
    assert host_kind_for_name(name) == host


def test_words_that_staff_have_added_are_honoured():
    kinds = NameIndex([CatalogueEntry("HW", "户外劳动者服务站点", ("歇脚亭",))])
    assert kind_for_name("东门歇脚亭", kinds) == "HW"
    assert kind_for_name("东门驿站", kinds) is None


@pytest.mark.parametrize("file", ["station_kinds.csv", "host_kinds.csv", "facilities.csv"])
def test_a_catalogue_has_each_code_and_name_once_and_english_for_all(file):
    with (REFERENCE / file).open(encoding="utf-8") as source:
        rows = list(csv.DictReader(source))
    assert len({row["code"] for row in rows}) == len({row["name_zh"] for row in rows}) == len(rows)
    assert all(row["name_en"] and None not in row for row in rows)
    assert all(len(word) <= 60 for row in rows for word in row["synonyms"].split("|"))


def test_the_kinds_of_station_have_two_letter_codes():
    with (REFERENCE / "station_kinds.csv").open(encoding="utf-8") as source:
        assert all(len(row["code"]) == 2 and row["code"].isupper() for row in csv.DictReader(source))
