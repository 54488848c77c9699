"""Why a station has its stars, and the honours of a year: public, without JavaScript."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Prefetch
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from stations.models import Honour, Station
from stations.rating import rate
from unionportal.public_pages import public_page
from unionportal.standards.judging import shown

CHECKS_SHOWN = 10


@public_page
def rating(request: HttpRequest, code: str) -> HttpResponse:
    """Stars and titles, each criterion met or not with its points, and the formula in words."""
    stations = Station.objects.public().select_related("kind", "organization")
    station = get_object_or_404(
        stations.prefetch_related("facilities", "position_doubts", "periods", "keepers"), code=code.upper()
    )
    rated = rate(station)
    checks = station.assessments.counting().select_related(
        "assessment__standard", "assessment__organization", "assessment__grade"
    )
    context = {
        "station": station,
        "rating": rated,
        "deductions": [(shown(deduction.points), deduction.words) for deduction in rated.deductions],
        "points": shown(rated.result.points) if rated.result else "",
        "out_of": shown(rated.result.out_of) if rated.result else "",
        "checks": checks[:CHECKS_SHOWN],
        "decisions": station.honour_decisions.select_related("honour")[:CHECKS_SHOWN],
    }
    return render(request, "stations/rating.html", context)


@public_page
def honours(request: HttpRequest, year: int | None = None) -> HttpResponse:
    """The published honours of a year, by kind and level; without a year, of the last one published."""
    published = Honour.objects.in_force()
    years = sorted(set(published.order_by().values_list("year", flat=True)), reverse=True)
    if year is None and years:
        year = years[0]
    if year is not None and year not in years:
        raise Http404
    rows = (
        published.filter(year=year)
        .prefetch_related(Prefetch("station", queryset=Station.objects.select_related("division__parent")))
        .order_by("station__name_key", "pk")
    )
    groups: dict[str, list[Honour]] = defaultdict(list)
    for honour in sorted(rows, key=_rank):
        groups[honour.title].append(honour)
    return render(request, "stations/honours.html", {"year": year, "years": years, "groups": list(groups.items())})


def _rank(honour: Honour) -> tuple[int, int, int]:
    """Titles before stars before demonstration sites, the highest level and the most stars first."""
    kinds = [Honour.Kind.FINEST, Honour.Kind.STARS, Honour.Kind.DEMONSTRATION]
    levels = list(Honour.Level)
    return kinds.index(Honour.Kind(honour.kind)), -levels.index(Honour.Level(honour.level)), -(honour.stars or 0)
