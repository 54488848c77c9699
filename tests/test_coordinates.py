from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from unionportal.coordinates import Datum, convert, distance, in_china, map_links

JINING = (35.4146, 116.5871)

inland_points = st.tuples(st.floats(18.5, 53.0), st.floats(74.0, 134.5))


def test_the_mistakes_of_mixing_datums_at_jining_have_their_known_sizes():
    gcj02 = convert(*JINING, Datum.WGS84, Datum.GCJ02)
    bd09 = convert(*JINING, Datum.WGS84, Datum.BD09)
    assert distance(JINING, gcj02) == pytest.approx(483, abs=1.5)
    assert distance(gcj02, bd09) == pytest.approx(874, abs=1.5)
    assert distance(JINING, bd09) == pytest.approx(1228, abs=1.5)


def test_a_published_point_is_met_to_a_metre():
    # eviltransform's published example: Shanghai, WGS-84 to GCJ-02.
    assert distance(convert(31.1774276, 121.5272106, Datum.WGS84, Datum.GCJ02), (31.17530398, 121.531541859)) < 1


@given(inland_points, st.sampled_from(list(Datum)), st.sampled_from(list(Datum)))
def test_there_and_back_is_the_same_place_to_a_millimetre(point, there, back):
    returned = convert(*convert(*point, there, back), back, there)
    assert distance(point, returned) < 0.001


def test_abroad_nothing_is_shifted():
    paris = (48.8566, 2.3522)
    assert not in_china(*paris)
    assert convert(*paris, Datum.WGS84, Datum.GCJ02) == paris


@pytest.mark.parametrize("pair", [(116.5871, 35.4146), (float("nan"), 116.0), (35.0, 200.0)])
def test_a_swapped_or_impossible_pair_is_refused(pair):
    with pytest.raises(ValueError, match="latitude"):
        convert(*pair, Datum.WGS84, Datum.GCJ02)


def test_an_unknown_datum_is_refused():
    with pytest.raises(ValueError):
        convert(*JINING, "mars", Datum.GCJ02)


def test_distance_of_one_degree_of_latitude():
    assert distance((35, 116), (36, 116)) == pytest.approx(111_195, abs=1)
    assert distance(JINING, JINING) == 0


def test_each_map_gets_the_point_in_its_own_order_and_datum():
    links = {key: url for key, _label, url in map_links(*JINING, "古槐;驿站", "古槐路1号")}
    assert list(links) == ["amap", "baidu", "tencent"]
    shifted = convert(*JINING, Datum.WGS84, Datum.GCJ02)
    query = {key: parse_qs(urlsplit(url).query) for key, url in links.items()}

    amap_lng, amap_lat = map(float, query["amap"]["position"][0].split(","))
    assert query["amap"]["coordinate"] == ["gaode"]
    assert distance((amap_lat, amap_lng), shifted) < 1

    baidu = tuple(map(float, query["baidu"]["location"][0].split(",")))
    assert query["baidu"]["coord_type"] == ["gcj02"]
    assert distance(baidu, shifted) < 1

    coord, title, addr = query["tencent"]["marker"][0].split(";")
    assert distance(tuple(map(float, coord.removeprefix("coord:").split(","))), shifted) < 1
    assert (title, addr) == ("title:古槐；驿站", "addr:古槐路1号")


def test_a_point_already_in_gcj02_is_not_shifted_twice():
    amap = map_links(*JINING, "驿站", datum=Datum.GCJ02)[0][2]
    assert "position=116.587100%2C35.414600" in amap
