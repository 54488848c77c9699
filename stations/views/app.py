"""The directory as an app on a phone: its manifest, and the worker that opens it offline."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from unionportal.public_pages import public_page

THEME = "#b9222a"


@public_page
def manifest(request: HttpRequest) -> JsonResponse:
    """The web app manifest (W3C)."""
    icons = [
        {"src": static(f"icons/icon-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png", "purpose": purpose}
        for size in (192, 512)
        for purpose in ("any", "maskable")
    ]
    return JsonResponse(
        {
            "id": "/",
            "name": settings.SITE_NAME,
            "short_name": _("Service stations"),
            "description": _("Union service stations for outdoor workers: where they are, when they are open."),
            "lang": get_language(),
            "start_url": reverse("stations:home"),
            "scope": "/",
            "display": "standalone",
            "theme_color": THEME,
            "background_color": "#f4f4f6",
            "icons": icons,
        },
        content_type="application/manifest+json",
        json_dumps_params={"ensure_ascii": False},
    )


@public_page
def service_worker(request: HttpRequest) -> HttpResponse:
    """The worker, at the root so that its scope is the whole portal; it keeps public pages of stations alone."""
    return render(request, "stations/service_worker.js", content_type="text/javascript")


@require_safe
@cache_control(public=True, max_age=86400)
def favicon(request: HttpRequest) -> HttpResponse:
    """The address that browsers try by themselves, on pages that name no icon: data, files, the staff's own."""
    return redirect(static("icons/icon-192.png"))
