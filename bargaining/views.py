"""The public pages: published agreements and what each says. Read-only, whole without JavaScript."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_cookie

from bargaining.models import Agreement, Level

PAGE_SIZE = 20


@require_safe
@vary_on_cookie
@cache_control(public=True, max_age=60)
def directory(request: HttpRequest) -> HttpResponse:
    """Published agreements, newest term first; `q` searches, `level` and `ended` narrow."""
    words = request.GET.get("q", "").strip()[:60]
    level = request.GET.get("level", "")
    ended = request.GET.get("ended") == "1"
    today = timezone.localdate()
    rows = Agreement.objects.published()
    rows = rows.filter(term_to__lt=today) if ended else rows.filter(term_to__gte=today)
    if words:
        rows = rows.searched(words)
    if level in Level.values:
        rows = rows.filter(level=level)
    page = Paginator(rows.prefetch_related("clauses"), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "words": words,
        "level": level,
        "levels": Level.choices,
        "ended": ended,
        "totals": rows.order_by().totals(),
        "today": today,
    }
    return render(request, "bargaining/directory.html", context)


@require_safe
@vary_on_cookie
@cache_control(public=True, max_age=60)
def agreement(request: HttpRequest, code: str) -> HttpResponse:
    """One published agreement: parties, term, coverage, clauses. Nobody's name, phone or document."""
    found = get_object_or_404(
        Agreement.objects.published().select_related("organization", "negotiation__rule_set"), code=code
    )
    context = {"agreement": found, "clauses": list(found.clauses.all()), "is_running": found.is_running()}
    return render(request, "bargaining/agreement.html", context)
