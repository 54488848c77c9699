"""What staff do with codes: check a member's card, print a union's code for joining."""

from __future__ import annotations

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from members import cards
from members.routing import takes_members
from unionportal.organizations.models import Organization
from unionportal.privacy import mask_name


@never_cache
@require_GET
def check(request: HttpRequest) -> HttpResponse:
    """Is this card good? For any member of staff, keepers too. Nothing is written.

    Answers as JSON where that is asked for: ``{"admitted": true, "verdict": "admitted", "union": …}``.
    """
    if not request.user.is_authenticated or not request.user.is_staff:
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    text = request.GET.get("card", "")
    found = cards.check(cards.token_in(text)) if text.strip() else None
    if request.accepts("text/html") or found is None:
        name = mask_name(found.member.name) if found and found.member else ""
        return render(request, "members/card_check.html", {"found": found, "masked_name": name})
    union = found.member.organization.name if found.member else ""
    return JsonResponse({"admitted": found.admitted, "verdict": found.verdict.value, "union": union})


def _union(request: HttpRequest, code: str) -> Organization:
    """The union, for staff who see it. Raises Http404, PermissionDenied."""
    if not request.user.has_perm("members.view_application"):
        raise PermissionDenied
    return get_object_or_404(Organization.objects.visible_to(request.user), code=code[:32].upper())


@never_cache
@require_GET
def union_code(request: HttpRequest, code: str) -> HttpResponse:
    """A page to print: the union's QR code for joining."""
    if not request.user.is_authenticated:
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    union = _union(request, code)
    if not takes_members(union):
        return render(request, "members/elsewhere.html", {"union": union, "staff": True})
    address = request.build_absolute_uri(reverse("members:join-union", args=[union.code]))
    return render(request, "members/union_code.html", {"union": union, "address": address})


@never_cache
@require_GET
def union_code_svg(request: HttpRequest, code: str) -> HttpResponse:
    """The same code alone, SVG."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    union = _union(request, code)
    if not takes_members(union):
        raise Http404
    address = request.build_absolute_uri(reverse("members:join-union", args=[union.code]))
    return HttpResponse(cards.qr_svg(address, scale=10), content_type="image/svg+xml")
