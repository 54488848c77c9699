"""Pages of the portal as a whole: health, language, privacy notice, errors."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import connection
from django.http import (
    HttpRequest,
    HttpResponse,
    HttpResponseNotFound,
    HttpResponseRedirect,
    HttpResponseServerError,
    JsonResponse,
)
from django.shortcuts import render
from django.template import loader
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from django.views.static import serve

from unionportal.public_pages import public_page


@require_GET
def healthz(request: HttpRequest) -> JsonResponse:
    """200 where the database answers, else 503: for load balancers and container health checks."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except Exception:
        return JsonResponse({"status": "database unreachable"}, status=503)
    return JsonResponse({"status": "ok"})


# Public pages carry no CSRF token so that they can be cached; choosing a language changes nothing of value.
@csrf_exempt
@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """Remember the visitor's language in a cookie and go back to where he was."""
    target = request.POST.get("next", "/")
    allowed = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(target if allowed and target.startswith("/") else "/")
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            language,
            max_age=365 * 24 * 3600,
            secure=settings.LANGUAGE_COOKIE_SECURE,
            httponly=True,
            samesite="Lax",
        )
    return response


@public_page
def privacy(request: HttpRequest) -> HttpResponse:
    """The privacy notice (Personal Information Protection Law art. 17), with the terms that are set."""
    terms = {"log_days": settings.LOG_RETENTION_DAYS, "sheet_days": settings.SHEETS_KEEP_DAYS}
    return render(request, "privacy.html", terms)


@public_page
def about(request: HttpRequest) -> HttpResponse:
    """Who runs the portal and where its data comes from."""
    return render(request, "about.html")


@require_GET
@cache_control(public=True, max_age=30 * 24 * 3600, immutable=True)
def public_media(request: HttpRequest, path: str) -> HttpResponse:
    """Photos of stations, the only uploads that are public; in production the proxy serves them."""
    # The root is the folder itself: "stations/../x" would lead to what is not public.
    root = settings.MEDIA_ROOT / "stations"
    return serve(request, path.removeprefix("stations/"), document_root=str(root))  # type: ignore[return-value]


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "400.html", status=400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", {"reason": str(exception or "")}, status=403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponseNotFound(loader.render_to_string("404.html", request=request))


def server_error(request: HttpRequest) -> HttpResponse:
    """Without context processors, and the style by its plain name: whatever broke may break them too."""
    names = ("SITE_NAME", "SITE_PHONE", "STATIC_URL")
    context: dict[str, Any] = {name: getattr(settings, name) for name in names}
    return HttpResponseServerError(loader.get_template("500.html").render(context))
