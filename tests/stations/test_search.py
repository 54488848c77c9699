"""The search box: what a person types finds what he means, by an index."""

from __future__ import annotations

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection

from stations.lifecycle import State
from stations.models import Facility, Station, StationKind, StationPurpose
from tests.factories import make_county, make_station

pytestmark = pytest.mark.django_db


@pytest.fixture
def wuhua():
    return make_county()


@pytest.fixture
def lotus(wuhua) -> Station:
    return make_station(wuhua, "莲花池正街驿站", address="正街3号", facilities=["phone_charging", "wifi", "water"])


def found(words: str) -> list[str]:
    return [station.name for station in Station.objects.public().matching(words)]


@pytest.mark.parametrize(
    "words",
    [
        "莲花池",
        "莲花",
        "莲",
        "蓮花池",
        "lhc",
        "LHC",
        "lh",
        "lianhua",
        "正街",
        "正街 莲花",
        "莲花、",
        "充电",
        "手机充电",
        "热水",
        "熱水",
        "wifi",
        "Wi-Fi",
        "ＷＩＦＩ",
        "无线网",
        "五华",
        "五华区",
        "五华 wifi",
    ],
)
def test_these_words_find_the_station(lotus, wuhua, words):
    make_station(make_county("盘龙区总工会（演示）", "530103"), "火车站驿站")
    assert found(words) == ["莲花池正街驿站"]


@pytest.mark.parametrize(
    "words", ["花莲", "lhd", "微波炉", "盘龙", "莲花 微波炉", "驿莲", "莲%池", "莲_池", "池正 花莲"]
)
def test_these_words_do_not(lotus, words):
    assert found(words) == []


def test_initials_find_an_address_from_three_letters_on(wuhua):
    make_station(wuhua, "阳光驿站", address="昆明市五华区莲花池正街3号")
    assert found("lhc") == found("lhczj") == ["阳光驿站"]
    assert found("lh") == []


def test_initials_do_not_run_from_the_name_into_the_address(wuhua):
    make_station(wuhua, "阳光驿站", address="莲花池正街3号")
    assert found("yzlh") == []


def test_the_public_code_finds_the_station(lotus, wuhua):
    make_station(wuhua, "别处驿站")
    assert found(lotus.code) == found(lotus.code.lower()) == ["莲花池正街驿站"]


@pytest.mark.parametrize("words", ["妈妈小屋", "母婴室", "哺乳室", "母婴"])
def test_another_word_for_a_kind_finds_its_stations(wuhua, words):
    make_station(wuhua, "东风路示例屋", kind=StationKind.objects.get(code="MM"))
    make_station(wuhua, "别处驿站")
    assert found(words) == ["东风路示例屋"]


def test_a_further_purpose_counts_as_a_kind(wuhua):
    both = make_station(wuhua, "阳光驿站")
    StationPurpose.objects.create(station=both, kind=StationKind.objects.get(code="SW"))
    make_station(wuhua, "别处驿站")
    assert found("职工书屋") == ["阳光驿站"]


def test_a_word_that_staff_add_to_the_catalogue_is_found_at_once(wuhua):
    make_station(wuhua, "阳光驿站", facilities=["wifi"])
    assert found("路由器") == []
    wifi = Facility.objects.get(code="wifi")
    wifi.synonyms.append("路由器")
    wifi.save()
    assert found("路由器") == ["阳光驿站"]


@pytest.mark.parametrize("words", ["24小时", "24 小时", "24小時", "24h", "24H", "24 hours", "全天", "二十四小时"])
def test_round_the_clock_is_found_however_it_is_written(wuhua, words):
    make_station(wuhua, "不打烊的驿站", hours_text="每天0:00-24:00")
    make_station(wuhua, "白天的驿站", hours_text="8:00-18:00")
    make_station(wuhua, "时间未知的驿站")
    assert found(words) == ["不打烊的驿站"]


@pytest.mark.parametrize(
    ("word", "code"), [("药", "first_aid"), ("厕", "toilet"), ("伞", "rain_gear"), ("廁", "toilet")]
)
def test_one_character_finds_the_facilities_in_whose_words_it_stands(wuhua, word, code):
    make_station(wuhua, "阳光驿站", facilities=[code])
    make_station(wuhua, "别处驿站", facilities=["wifi"])
    assert found(word) == ["阳光驿站"]


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("喝水", "water"),
        ("午休", "recliner"),
        ("睡觉", "recliner"),
        ("看书", "books"),
        ("热饭", "microwave"),
        ("充电宝", "power_bank"),
        ("上厕所", "toilet"),
        ("躲雨", "shelter"),
        ("喂奶", "mother_baby"),
    ],
)
def test_what_one_wants_to_do_finds_what_one_needs_for_it(wuhua, word, code):
    make_station(wuhua, "阳光驿站", facilities=[code])
    make_station(wuhua, "别处驿站", facilities=["tools"])
    assert found(word) == ["阳光驿站"]


def test_an_upgrade_adds_new_words_once_and_leaves_what_staff_have_made():
    migration = import_module("stations.migrations.0023_words_that_visitors_type")
    Facility.objects.filter(code="books").update(synonyms=["图书"])
    Facility.objects.filter(code="tools").update(synonyms=["上网"])
    Facility.objects.filter(code="wifi").update(synonyms=["wifi"])
    migration.add(apps, SimpleNamespace(connection=connection))
    words = dict(Facility.objects.values_list("code", "synonyms"))
    assert words["books"] == ["图书", "看书", "读书"]
    assert (words["tools"], words["wifi"]) == (["上网"], ["wifi"])
    assert words["toilet"].count("上厕所") == 1


def test_a_facility_out_of_use_is_not_searched(wuhua):
    make_station(wuhua, "阳光驿站", facilities=["wifi"])
    Facility.objects.filter(code="wifi").update(is_active=False)
    assert found("wifi") == []


def test_a_station_that_is_not_public_is_not_found(wuhua):
    make_station(wuhua, "莲花池驿站", status=State.PLANNED)
    assert found("莲花") == []


@pytest.mark.parametrize("word", ["莲花", "莲花池", "lhc"])
def test_words_of_two_characters_are_served_by_an_index(lotus, word):
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off; SET LOCAL enable_indexscan = off")
    plan = Station.objects.matching(word).explain()
    assert "Index Scan on station_grams" in plan
    assert "Seq Scan on stations_station " not in plan


def test_words_too_long_are_cut_said_so_and_not_carried_on(client, lotus):
    page = client.get("/stations/", {"q": "莲" * 5000, "open": "now", "utm_source": "x" * 3000})
    body = page.content.decode()
    assert "只按前 100 个字查找" in body
    assert body.count("莲") < 300
    assert len(page.content) < 40_000
    assert "%E8%8E%B2" * 101 not in body
    assert "utm_source" not in body


def test_links_carry_what_was_understood_and_leave_out_what_was_not(client, lotus):
    body = client.get("/stations/", {"q": "莲花", "kind": "XX", "facility": ["wifi", "water"]}).content.decode()
    assert '/stations/map/?q=%E8%8E%B2%E8%8A%B1&amp;facility=wifi&amp;facility=water"' in body
    assert "kind=XX" not in body
