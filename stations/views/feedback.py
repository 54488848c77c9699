"""A visitor's word on a station in two taps, without an account: from the station's page or the code at its door."""

from __future__ import annotations

import datetime
import secrets
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from stations import visitor
from stations.actions.feedback import Said, Sender, give_feedback, network_of
from stations.models import Feedback, Station
from stations.models.feedback import LOCKED_WINDOW
from stations.photos import two_sizes
from stations.schedule import open_now
from unionportal.audit.context import address_of
from unionportal.limits import Limit, first_exceeded
from unionportal.tickets.categories import category

MAX_PHOTO_BYTES = 10 * 1024 * 1024
DEVICE_COOKIE = "feedback_device"
BY_STATION = Limit("feedback-station", 8, datetime.timedelta(hours=1))
BY_ADDRESS = Limit("feedback-address", 60, datetime.timedelta(days=1))
_ICONS = {
    Feedback.LOCKED: "key",
    Feedback.BROKEN: "wrench",
    Feedback.WRONG: "map-pin",
    Feedback.THANKS: "heart",
}


class FeedbackForm(forms.Form):
    kind = forms.ChoiceField(choices=Feedback.choices)
    text = forms.CharField(
        label=gettext_lazy("In your words"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    photo = forms.FileField(
        label=gettext_lazy("Photo"), required=False, widget=forms.FileInput(attrs={"accept": "image/*"})
    )
    latitude = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    longitude = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)
    # No person sees this field; what fills it is no person.
    website = forms.CharField(required=False)

    def clean_photo(self) -> Any:
        """The photo anew, without what the phone wrote into it."""
        given: UploadedFile | None = self.cleaned_data.get("photo")
        if not given:
            return None
        if given.size and given.size > MAX_PHOTO_BYTES:
            raise ValidationError(_("The photo is too large: 10 MB at most."))
        return two_sizes(given)[0]

    def said(self) -> Said:
        data = self.cleaned_data
        known = data["latitude"] is not None and data["longitude"] is not None
        return Said(data["text"], data["photo"], (data["latitude"], data["longitude"]) if known else None)


def _station(code: str) -> Station:
    rows = Station.objects.public().select_related("kind", "division__parent")
    return get_object_or_404(rows, code=code.upper())


def device_of(request: HttpRequest, name: str = DEVICE_COOKIE) -> str:
    """The number in the device's signed cookie; "" without one, or where it was tampered with."""
    return str(request.get_signed_cookie(name, default="", salt=name) or "")


def remember_device(
    response: HttpResponse,
    device: str,
    path: str,
    name: str = DEVICE_COOKIE,
    lasting: datetime.timedelta = LOCKED_WINDOW,
) -> None:
    """A random number, signed, first-party, that a script cannot read and that is sent to this one page only."""
    response.set_signed_cookie(
        name,
        device or secrets.token_hex(16),
        salt=name,
        path=path,
        max_age=int(lasting.total_seconds()),
        httponly=True,
        samesite="Lax",
        secure=settings.SESSION_COOKIE_SECURE,
    )


@never_cache
@require_http_methods(["GET", "POST"])
def feedback(request: HttpRequest, code: str) -> HttpResponse:
    """Four buttons; words, a photo and the position may be added. Works without JavaScript."""
    station = _station(code)
    device = device_of(request)
    if request.method == "POST":
        # Before the form is read: to take a picture apart costs more than to be told to come later.
        address = network_of(address_of(request) or "")
        if first_exceeded([(BY_STATION, f"{station.pk} {address}"), (BY_ADDRESS, address)]) is not None:
            return render(request, "stations/feedback_later.html", {"station": station}, status=429)
    form = FeedbackForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        kind = Feedback(form.cleaned_data["kind"])
        if not form.cleaned_data["website"]:
            give_feedback(station, kind, sender=Sender(address_of(request) or "", device), said=form.said())
        return redirect("stations:feedback-sent", station.code, kind.value)
    kinds = [(kind.value, kind.label, _ICONS[kind]) for kind in Feedback]
    moment = timezone.now()
    now = open_now(station, moment)
    context = {
        "station": station,
        "form": form,
        "kinds": kinds,
        "standing": visitor.standing(station, now, moment),
    }
    response = render(request, "stations/feedback.html", context, status=400 if form.is_bound else 200)
    remember_device(response, device, request.path)
    return response


def _open_nearby(station: Station) -> str:
    """Address of the stations that are open now, the nearest to this one first where it is known where it lies."""
    near = {"near": f"{station.latitude:.5f},{station.longitude:.5f}"} if station.has_position else {}
    return f"{reverse('stations:directory')}?{urlencode({**near, 'open': 'now'}, safe=',')}"


@never_cache
@require_GET
def sent(request: HttpRequest, code: str, kind: str) -> HttpResponse:
    """What happens next, said plainly."""
    if kind not in Feedback.values:
        raise Http404
    station = _station(code)
    within = category(kind).answer_within
    context = {"station": station, "days": within.days if within else 0, "open_nearby": _open_nearby(station)}
    return render(request, "stations/feedback_sent.html", context)
