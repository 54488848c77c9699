"""Coordinates of the three datums met on Chinese maps, and links that open a point in a map app.

WGS-84 stands for CGCS2000 too: they differ by centimetres. GCJ-02 (Amap, Tencent) lies about 500 m away,
BD-09 (Baidu) about 900 m further. A point is always (latitude, longitude) in degrees, whatever order a
map's address wants.
"""

from collections.abc import Callable
from math import asin, atan2, cos, hypot, isfinite, pi, radians, sin, sqrt
from urllib.parse import urlencode

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Point = tuple[float, float]

# Krasovsky 1940, the ellipsoid that the GCJ-02 shift is defined on.
_AXIS = 6378245.0
_ECCENTRICITY_SQUARED = 0.00669342162296594323
EARTH_RADIUS = 6_371_008.8  # metres: IUGG mean radius
METRES_A_DEGREE = radians(1) * EARTH_RADIUS
# South, west, north, east. Outside this box map providers do not shift.
_CHINA = (0.8293, 72.004, 55.8271, 137.8347)
_SOURCE = "unionportal"


class Datum(TextChoices):
    """What the numbers of a coordinate refer to."""

    WGS84 = "wgs84", _("WGS-84 / CGCS2000 (GPS, Tianditu)")
    GCJ02 = "gcj02", _("GCJ-02 (Amap, Tencent)")
    BD09 = "bd09", _("BD-09 (Baidu)")


def in_china(lat: float, lng: float) -> bool:
    """Whether the point lies in the box in which map providers shift coordinates."""
    south, west, north, east = _CHINA
    return south <= lat <= north and west <= lng <= east


def _wave(x: float) -> float:
    return (20 * sin(6 * x * pi) + 20 * sin(2 * x * pi)) * 2 / 3


def _wgs84_to_gcj02(lat: float, lng: float) -> Point:
    if not in_china(lat, lng):
        return lat, lng
    x, y = lng - 105, lat - 35
    north = -100 + 2 * x + 3 * y + 0.2 * y * y + 0.1 * x * y + 0.2 * sqrt(abs(x)) + _wave(x)
    north += (20 * sin(y * pi) + 40 * sin(y / 3 * pi)) * 2 / 3
    north += (160 * sin(y / 12 * pi) + 320 * sin(y * pi / 30)) * 2 / 3
    east = 300 + x + 2 * y + 0.1 * x * x + 0.1 * x * y + 0.1 * sqrt(abs(x)) + _wave(x)
    east += (20 * sin(x * pi) + 40 * sin(x / 3 * pi)) * 2 / 3
    east += (150 * sin(x / 12 * pi) + 300 * sin(x / 30 * pi)) * 2 / 3
    flattening = 1 - _ECCENTRICITY_SQUARED * sin(radians(lat)) ** 2
    meridian = _AXIS * (1 - _ECCENTRICITY_SQUARED) / (flattening * sqrt(flattening))
    parallel = _AXIS / sqrt(flattening) * cos(radians(lat))
    return lat + north / meridian * 180 / pi, lng + east / parallel * 180 / pi


def _gcj02_to_bd09(lat: float, lng: float) -> Point:
    radius = hypot(lng, lat) + 0.00002 * sin(lat * pi * 3000 / 180)
    angle = atan2(lat, lng) + 0.000003 * cos(lng * pi * 3000 / 180)
    return radius * sin(angle) + 0.006, radius * cos(angle) + 0.0065


def _undo(shift: Callable[[float, float], Point], lat: float, lng: float) -> Point:
    """The point that `shift` moves to (lat, lng): published inverse formulas are metres wrong, so iterate."""
    guess_lat, guess_lng = lat, lng
    for _round in range(20):
        moved_lat, moved_lng = shift(guess_lat, guess_lng)
        guess_lat, guess_lng = guess_lat + lat - moved_lat, guess_lng + lng - moved_lng
        if max(abs(lat - moved_lat), abs(lng - moved_lng)) < 1e-10:
            break
    return guess_lat, guess_lng


def convert(lat: float, lng: float, given: Datum | str, wanted: Datum | str) -> Point:
    """The same place in another datum, exact to a millimetre inside China.

    Raises `ValueError` for numbers that are not a latitude and a longitude, which is also what a swapped
    pair looks like in most of China, and for an unknown datum.
    """
    given, wanted = Datum(given), Datum(wanted)
    if not (isfinite(lat) and isfinite(lng) and abs(lat) <= 90 and abs(lng) <= 180):
        raise ValueError("not a latitude (-90 to 90) and a longitude (-180 to 180), in this order")
    if given == wanted:
        return lat, lng
    if given == Datum.WGS84:
        lat, lng = _wgs84_to_gcj02(lat, lng)
    elif given == Datum.BD09:
        lat, lng = _undo(_gcj02_to_bd09, lat, lng)
    if wanted == Datum.WGS84:
        return _undo(_wgs84_to_gcj02, lat, lng)
    return _gcj02_to_bd09(lat, lng) if wanted == Datum.BD09 else (lat, lng)


def distance(a: Point, b: Point) -> float:
    """Metres between two points of one datum, on a sphere (haversine; within 0.6 % of the ellipsoid)."""
    lat_a, lat_b = radians(a[0]), radians(b[0])
    half = sin((lat_b - lat_a) / 2) ** 2
    half += cos(lat_a) * cos(lat_b) * sin(radians(b[1] - a[1]) / 2) ** 2
    return 2 * EARTH_RADIUS * asin(sqrt(min(1.0, half)))


def amap_link(lat: float, lng: float, name: str, *, datum: Datum | str = Datum.WGS84) -> str:
    """The URL that opens the point in Amap's app, or on its page; no key needed."""
    lat, lng = convert(lat, lng, datum, Datum.GCJ02)
    asked = {"position": f"{lng:.6f},{lat:.6f}", "name": name, "src": _SOURCE, "coordinate": "gaode", "callnative": 1}
    return f"https://uri.amap.com/marker?{urlencode(asked)}"


def map_links(
    lat: float, lng: float, name: str, address: str = "", *, datum: Datum | str = Datum.WGS84
) -> list[tuple[str, Promise | str, str]]:
    """(provider, label, URL) that open the point in three map apps; no key needed.

    All three understand GCJ-02. Amap wants longitude first, Baidu and Tencent latitude first.
    """
    amap = amap_link(lat, lng, name, datum=datum)
    lat, lng = convert(lat, lng, datum, Datum.GCJ02)
    lat_first = f"{lat:.6f},{lng:.6f}"
    baidu = {"location": lat_first, "title": name, "content": address or name, "output": "html"}
    baidu |= {"coord_type": "gcj02", "src": f"webapp.{_SOURCE}.portal"}
    # Tencent separates the fields of a marker by ; and : so a name may not hold them.
    title, place = (text.translate({ord(";"): "；", ord(":"): "："}) for text in (name, address))
    marker = f"coord:{lat_first};title:{title};addr:{place}"
    return [
        ("amap", _("Amap"), amap),
        ("baidu", _("Baidu Maps"), f"https://api.map.baidu.com/marker?{urlencode(baidu)}"),
        (
            "tencent",
            _("Tencent Maps"),
            f"https://apis.map.qq.com/uri/v1/marker?{urlencode({'marker': marker, 'referer': _SOURCE})}",
        ),
    ]
