"""The portal's addresses, and beside them the plainest views that give a like answer, to hold its pages against."""

from __future__ import annotations

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.utils.html import escape

_CARDS = """
SELECT s.code, s.name, s.address, s.status, k.name, d.name, s.hours_text, s.latitude, s.longitude,
       (SELECT array_agg(f.name ORDER BY f.position, f.code) FROM stations_stationfacility AS sf
          JOIN stations_facility AS f ON f.code = sf.facility_id WHERE sf.station_id = s.id)
  FROM stations_station AS s
  JOIN stations_stationkind AS k ON k.code = s.kind_id
  LEFT JOIN organizations_division AS d ON d.code = s.division_id
 WHERE s.status = 'open' ORDER BY s.name_key, s.id LIMIT 20 OFFSET %s
"""


def floor_list(request: HttpRequest) -> HttpResponse:
    """Twenty cards: one raw query, strings joined."""
    with connection.cursor() as cursor:
        cursor.execute(_CARDS, [(int(request.GET.get("page", "1")) - 1) * 20])
        rows = cursor.fetchall()
    cards = [
        f'<li class="card"><h3><a href="/stations/{code}/">{escape(name)}</a></h3>'
        f"<p>{escape(status)} {escape(hours)}</p>"
        f'<p class="facts"><span>{escape(kind)}</span><span>{escape(place)}</span></p>'
        f'<ul class="chips">{"".join(f"<li>{escape(facility)}</li>" for facility in facilities or ())}</ul>'
        f'<p class="where"><span>{escape(address)}</span>'
        f'<a href="https://uri.amap.com/navigation?to={longitude},{latitude}">导航</a></p></li>'
        for code, name, address, status, kind, place, hours, latitude, longitude, facilities in rows
    ]
    return HttpResponse(f"<!doctype html><title>服务站点</title><ul>{''.join(cards)}</ul>")


def floor_row(request: HttpRequest) -> HttpResponse:
    """One row by its primary key."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM stations_station WHERE id = (SELECT min(id) FROM stations_station)")
        [name] = cursor.fetchone()
    return HttpResponse(escape(name))


urlpatterns = [
    path("floor/list/", floor_list),
    path("floor/row/", floor_row),
    path("", include("unionportal.urls")),
]
