"""Open data: the register's public facts for other programs, and the page that explains them."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import etag, require_safe

from stations.filters import StationFilter
from stations.models import Facility, Station, StationKind
from stations.models.stations import StationQuerySet
from stations.open_data import formats, hsds
from stations.open_data.changes import changes
from stations.open_data.fields import FIELDS
from stations.open_data.records import DATUM, records
from unionportal.organizations.models import Organization
from unionportal.public_pages import public_page
from unionportal.public_version import public_version

FEED_DAYS = 30
PAGE_SIZE = 100
_JSON = {"ensure_ascii": False, "separators": (",", ":")}


def _validator(request: HttpRequest, *args: Any, **kwargs: Any) -> str:
    # The hour is part of it, so that a write that was under way while an answer was made is missed for an hour at most.
    # Which doors are open changes with the minute.
    lasts = 60 if "open" in request.GET else 3600
    stated = f"{public_version()} {int(timezone.now().timestamp()) // lasts} {request.build_absolute_uri()}"
    return f'"{hashlib.blake2b(stated.encode(), digest_size=12).hexdigest()}"'


def data_answer(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Read-only, compressed, asked again at the price of a header, and open to pages of other origins."""

    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        response = view(request, *args, **kwargs)
        response.headers["Access-Control-Allow-Origin"] = "*"
        return response

    return require_safe(gzip_page(cache_control(public=True, max_age=300)(etag(_validator)(answer))))


_FILTERS = frozenset({"q", "district", "kind", "facility", "open"})


def _rows(request: HttpRequest, *, besides: frozenset[str] = frozenset()) -> StationQuerySet:
    """Public stations under the list's filters, by code. Raises Http404 for a parameter that is neither a filter nor
    in `besides`, and for a value that is not understood: a program should not take the whole list for a part of it.
    """
    if unknown := sorted(set(request.GET) - _FILTERS - besides):
        raise Http404(_("“%(name)s” is no filter of the open data.") % {"name": unknown[0]})
    found = StationFilter(request.GET, Station.objects.public(), moment=timezone.now())
    if found.notices:
        raise Http404(found.notices[0])
    return found.qs.order_by("code")


def _address(request: HttpRequest) -> Callable[[str], str]:
    root = request.build_absolute_uri("/").rstrip("/")
    return lambda code: root + reverse("stations:detail", args=[code])


def _stream(pieces: Iterable[str], kind: str, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse((piece.encode() for piece in pieces), content_type=kind)
    response.headers["Content-Disposition"] = f'inline; filename="{name}"'
    return response


@data_answer
def stations_geojson(request: HttpRequest) -> HttpResponseBase:
    """All public stations as a GeoJSON FeatureCollection, streamed."""
    pieces = formats.geojson(records(_rows(request)), _about(request), _address(request))
    return _stream(pieces, "application/geo+json", "stations.geojson")


@data_answer
def stations_csv(request: HttpRequest) -> HttpResponseBase:
    """All public stations as CSV, streamed."""
    pieces = formats.table(records(_rows(request)), _address(request))
    return _stream(pieces, "text/csv; charset=utf-8", "stations.csv")


def _about(request: HttpRequest) -> dict[str, Any]:
    return {
        "publisher": settings.SITE_ORGANIZER,
        "licence": settings.OPEN_DATA_LICENCE,
        "licence_url": settings.OPEN_DATA_LICENCE_URL,
        "documentation": request.build_absolute_uri(reverse("stations:data")),
        "as_of": timezone.localdate().isoformat(),
    }


# --- What changed --------------------------------------------------------------------------------------------


@data_answer
def changes_json(request: HttpRequest) -> HttpResponseBase:
    """Stations added, changed and withdrawn since a day (`since=YYYY-MM-DD`, by default 30 days ago), streamed."""
    today = timezone.localdate()
    if set(request.GET) - {"since"}:
        return JsonResponse({"error": _("The only parameter is since.")}, status=400, json_dumps_params=_JSON)
    try:
        stated = request.GET.get("since")
        since = datetime.date.fromisoformat(stated) if stated else today - datetime.timedelta(days=FEED_DAYS)
    except ValueError:
        return JsonResponse({"error": _("since is a date: YYYY-MM-DD.")}, status=400, json_dumps_params=_JSON)
    about = _about(request) | {"since": since.isoformat(), "datum": DATUM}
    return _stream(_feed(since, about, _address(request)), "application/json", "changes.json")


def _feed(since: datetime.date, about: dict[str, Any], address: Callable[[str], str]) -> Iterator[str]:
    yield formats.compact(about)[:-1] + ',"changes":['
    comma = "\n"
    for change in changes(since):
        link = {} if change["change"] == "withdrawn" else {"url": address(change["code"])}
        yield comma + formats.compact(change | link)
        comma = ",\n"
    yield "\n]}\n"


# --- Open Referral -------------------------------------------------------------------------------------------


def _ids() -> hsds.Ids:
    root = Organization.objects.filter(depth=1).values_list("code", flat=True).first()
    return hsds.Ids(root or settings.SITE_ORGANIZER)


def _page_of(request: HttpRequest, rows: Any, contents: Callable[[Any], list[dict[str, Any]]]) -> JsonResponse:
    """The page that `page` and `per_page` ask for; an odd number is taken for the nearest that there is."""
    size = request.GET.get("per_page", "")[:6]
    paginator = Paginator(rows, min(max(int(size), 1), PAGE_SIZE) if size.isdecimal() else PAGE_SIZE)
    page = paginator.get_page(request.GET.get("page", "1"))
    answer = hsds.page(contents(page.object_list), number=page.number, pages=paginator.num_pages, total=paginator.count)
    return JsonResponse(answer, json_dumps_params=_JSON)


@data_answer
def hsds_about(request: HttpRequest) -> HttpResponseBase:
    """The specification's `GET /`."""
    return JsonResponse(
        {
            "version": hsds.VERSION,
            "profile": hsds.PROFILE,
            "openapi_url": hsds.OPENAPI,
            **_about(request),
        },
        json_dumps_params=_JSON,
    )


@data_answer
def hsds_services(request: HttpRequest) -> HttpResponseBase:
    """The specification's `GET /services`: full services, 100 a page."""
    ids, address = _ids(), _address(request)
    found = _rows(request, besides=frozenset({"page", "per_page"}))
    return _page_of(request, found, lambda rows: hsds.Writer(records(rows), ids, address).services())


@data_answer
def hsds_service(request: HttpRequest, identifier: str) -> HttpResponseBase:
    """The specification's `GET /services/{id}`."""
    ids = _ids()
    number = ids.number("service", identifier)
    found = hsds.Writer(records(Station.objects.public().filter(pk=number)), ids, _address(request)).services()
    if not found:
        raise Http404(_("There is no such service."))
    return JsonResponse(found[0], json_dumps_params=_JSON)


@data_answer
def hsds_organizations(request: HttpRequest) -> HttpResponseBase:
    """The specification's `GET /organizations`: the unions that own public stations."""
    ids = _ids()
    rows = Organization.objects.filter(pk__in=Station.objects.public().values("organization")).order_by("pk")
    return _page_of(request, rows, lambda found: hsds.organizations(found, ids))


# --- The page ------------------------------------------------------------------------------------------------


@public_page
def data_page(request: HttpRequest) -> HttpResponse:
    """What there is, what the fields mean, and how to ask, for a city's developers."""
    context = {
        "licence": settings.OPEN_DATA_LICENCE,
        "licence_url": settings.OPEN_DATA_LICENCE_URL,
        "kinds": StationKind.objects.filter(is_active=True),
        "facilities": Facility.objects.filter(is_active=True),
        "root": request.build_absolute_uri("/").rstrip("/"),
        "week_ago": timezone.localdate() - datetime.timedelta(days=7),
        "fields": FIELDS,
    }
    return render(request, "stations/data.html", context)
