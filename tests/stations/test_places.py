"""Which division a list means, and that nothing is guessed."""

from __future__ import annotations

import pytest

from stations.places import Places, short_forms
from unionportal.organizations.models import Division

pytestmark = pytest.mark.django_db


@pytest.fixture
def divisions(db) -> list[Division]:
    return list(Division.objects.all())


def code_of(places: Places, text: str, **options: object) -> str | None:
    found = places.find(text, **options)
    return found.code if found else None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("四川省乐山市", "511100"),
        ("福建省厦门市海沧区", "350205"),
        ("福建省 厦门市 海沧区", "350205"),
        ("福建/厦门/海沧", "350205"),
        ("上城", "330102"),
        ("上城区", "330102"),
        ("北京市朝阳区", "110105"),
        ("北京市市辖区朝阳区", "110105"),
        ("中国北京市朝阳区", "110105"),
        ("重庆市渝中区", "500103"),
        ("重庆渝中", "500103"),
        ("昆明市五华区华山街道", "530102001"),
        ("华山街道", "530102001"),
        ("昆明市五华区无此街道", "530102"),
        ("乾安县", "220723"),
        ("昆明市五華區", "530102"),
        ("福州市鼓楼区", "350102"),
        ("杭州西湖", "330106"),
        ("南昌西湖区", "360103"),
        ("张家川县", "620525"),
        ("张家川回族自治县", "620525"),
        ("张家川", "620525"),
        ("孟村县", "130930"),
        ("凉山州", "513400"),
        ("凉山彝族自治州西昌市", "513401"),
        ("广西南宁市", "450100"),
        ("鄂伦春旗", "150723"),
        ("吉林", "220000"),
        ("吉林吉林", "220200"),
        ("河南", "410000"),
        ("辽宁朝阳", "211300"),
        ("530102", "530102"),
        ("５３０１０２", "530102"),
        ("530102000000", "530102"),
        ("烟台市黄渤海新区", "370600"),
        ("昆明高新区", "530100"),
        ("阳泉市城区", "140302"),
        ("河南省济源市", "419001"),
    ],
)
def test_a_text_names_its_division(divisions, text, code):
    assert code_of(Places(divisions), text) == code


@pytest.mark.parametrize(
    "text",
    [
        "鼓楼区",
        "西湖",
        "朝阳",
        "高新区",
        "黄渤海新区",
        "东城街道",
        "中山路100号",
        "新华社区",
        "城区",
        "东区",
        "市辖区",
        "999999",
        "530102999",
        "外省",
        "-",
        "",
        "   ",
        "%",
    ],
)
def test_what_several_places_are_called_or_none_is_never_guessed(divisions, text):
    assert code_of(Places(divisions), text) is None


@pytest.mark.parametrize(
    ("home", "code"),
    [
        ("350100", "350102"),
        ("320100", "320106"),
        ("410204", "410204"),
        ("410205", "410204"),
        ("320000", None),
        ("530100", None),
        ("", None),
    ],
)
def test_a_name_that_several_cities_have_is_the_one_at_home(divisions, home, code):
    assert code_of(Places(divisions, home), "鼓楼区") == code


def test_a_city_named_in_the_text_counts_before_the_home_of_the_list(divisions):
    assert code_of(Places(divisions, "320100"), "福州市鼓楼区") == "350102"


def test_the_other_rows_of_a_list_settle_what_is_open(divisions):
    assert code_of(Places(divisions, "530100"), "江北区", near="5001") == "500105"
    assert code_of(Places(divisions, "530100"), "江北区", near="3302") == "330205"
    assert code_of(Places(divisions, "530100"), "江北区", near="4401") is None


def test_a_quarter_that_every_city_has_is_found_at_home_only(divisions):
    assert code_of(Places(divisions, "510400"), "东区") == "510402"
    assert code_of(Places(divisions, "442000"), "东区") is None


def test_a_road_named_after_a_city_is_no_city_in_an_address(divisions):
    places = Places(divisions)
    assert code_of(places, "中山路1号", short_names=False) is None
    assert code_of(places, "上海大厦", short_names=False) is None
    assert code_of(places, "郑州市中原区石佛镇中原路", short_names=False) == "410102"
    assert code_of(places, "杭州市西湖大道1号", short_names=False) == "330100"


def test_a_zone_of_the_federation_lies_in_the_city_it_is_filed_under():
    Division.objects.create(
        code="530171", name="昆明高新技术产业开发区", level="county", parent_id="530100", is_official=False
    )
    Division.objects.create(code="530172", name="高新区", level="county", parent_id="530100", is_official=False)
    places = Places(Division.objects.all(), "530100")
    assert code_of(places, "高新区") == "530172"
    assert code_of(places, "云南省昆明市高新区") == "530172"
    assert code_of(places, "昆明高新技术产业开发区") == "530171"


def test_every_county_written_after_its_province_and_city_is_found(divisions):
    places = Places(divisions)
    by_code = {division.code: division for division in divisions}
    for county in divisions:
        if county.level != Division.Level.COUNTY:
            continue
        city = by_code.get(f"{county.code[:4]}00")
        between = city.name if city and city.name != "县" else ""
        found = places.find(f"{by_code[county.code[:2] + '0000'].name}{between}{county.name}")
        assert found == county


def test_every_full_name_is_found_or_left_open_but_never_taken_for_another(divisions):
    places = Places(divisions)
    for division in divisions:
        found = places.find(division.name)
        assert found is None or found.name == division.name


@pytest.mark.parametrize(
    ("name", "forms"),
    [
        ("上城区", ["上城"]),
        ("张家川回族自治县", ["张家川", "张家川县"]),
        ("孟村回族自治县", ["孟村", "孟村县"]),
        ("双江拉祜族佤族布朗族傣族自治县", ["双江", "双江县"]),
        ("伊犁哈萨克自治州", ["伊犁", "伊犁州"]),
        ("新疆维吾尔自治区", ["新疆", "新疆区"]),
        ("内蒙古自治区", ["内蒙古", "内蒙古区"]),
        ("龙胜各族自治县", ["龙胜", "龙胜县"]),
        ("东区", []),
    ],
)
def test_short_forms_are_what_people_write(name, forms):
    assert short_forms(name) == forms
