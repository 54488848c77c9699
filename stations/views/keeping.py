"""The keeper's pages for a phone: what is due at his stations today, each thing done with one button."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from stations import notices, visitor
from stations.actions import confirm, end_exception, except_hours
from stations.actions.duty import change_duty
from stations.actions.supplies import move_supply
from stations.daytypes import Calendar
from stations.lifecycle import State
from stations.models import DutyShift, Feedback, Station, Supply, SupplyMove
from stations.models.feedback import StationTicket
from stations.models.stations import UNCONFIRMED_DAYS
from stations.schedule import Timetable
from unionportal.audit.actions import record
from unionportal.scope import require_editable
from unionportal.states import TransitionRefused
from unionportal.tickets import actions as tickets
from unionportal.tickets.models import Ticket

DAYS_OF_VISITS = 7
_MINUTE = datetime.timedelta(minutes=1)


class DoorForm(forms.Form):
    """Closed or open from now on, for some hours or until midnight, with the reason: one tap, or words of one's own,
    which go before it.
    """

    USUAL = (
        gettext_lazy("no water or electricity"),
        gettext_lazy("repairs"),
        gettext_lazy("cleaning"),
        gettext_lazy("the keeper is out for a short time"),
        gettext_lazy("severe weather"),
        gettext_lazy("open longer today"),
    )

    kind = forms.ChoiceField(choices=[("closed", ""), ("open", "")])
    hours = forms.TypedChoiceField(
        label=pgettext_lazy("length of time", "for"),
        coerce=int,
        choices=[
            (1, gettext_lazy("one hour")),
            (2, gettext_lazy("two hours")),
            (4, gettext_lazy("four hours")),
            (0, gettext_lazy("the rest of the day")),
        ],
    )
    usual = forms.ChoiceField(
        label=gettext_lazy("reason"),
        choices=lambda: [(str(place), reason) for place, reason in enumerate(DoorForm.USUAL)],
        widget=forms.RadioSelect,
        required=False,
    )
    reason = forms.CharField(label=gettext_lazy("reason in other words"), max_length=120, required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("reason") and data.get("usual"):
            data["reason"] = str(self.USUAL[int(data["usual"])])
        if not data.get("reason"):
            raise ValidationError(_("Give the reason: it is shown to visitors and kept in the record."))
        return data

    def until(self, now: datetime.datetime) -> datetime.datetime:
        if self.cleaned_data["hours"]:
            return now + datetime.timedelta(hours=self.cleaned_data["hours"])
        tomorrow = timezone.localdate(now) + datetime.timedelta(days=1)
        return timezone.make_aware(datetime.datetime.combine(tomorrow, datetime.time()))


class SupplyForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = Supply
        fields = ["item", "unit", "season", "low_at"]


class ShiftForm(forms.ModelForm):  # type: ignore[type-arg]
    class Meta:
        model = DutyShift
        fields = ["person", "room", "begins", "ends"]
        widgets = {
            name: forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
            for name in ("begins", "ends")
        }


class MoveForm(forms.Form):
    verb = forms.ChoiceField(choices=SupplyMove.Verb.choices)
    quantity = forms.IntegerField(min_value=1, max_value=100_000)
    note = forms.CharField(max_length=120, required=False)


def for_keepers(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """A page for staff who keep stations; a first password is changed before anything else."""

    @never_cache
    @login_required
    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if getattr(request.user, "must_change_password", False):
            return redirect("admin:password_change")
        if not request.user.has_perm("stations.record_station"):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return asked


def kept(request: HttpRequest) -> Any:
    """The stations that the user keeps by name, and those of his branch where a desk may do a keeper's work."""
    return Station.objects.reached_by(request.user, "record").exclude(status=State.CLOSED)


@for_keepers
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """The keeper's own stations; with a single one, that one. A desk without stations of its own sees what is late."""
    rows = kept(request).filter(station_keepers__account=request.user).select_related("kind")
    if len(rows) == 1:
        return redirect("stations:keep", rows[0].code)
    waiting = {
        station: StationTicket.objects.filter(station=station).owed().count() for station in rows.order_by("name_key")
    }
    return render(request, "stations/keeper_home.html", {"waiting": waiting, "today": timezone.localdate()})


@for_keepers
@require_http_methods(["GET", "POST"])
def keep(request: HttpRequest, code: str) -> HttpResponse:
    """One station: confirm, door, tickets, supplies, duty. Each form posts here and names what it does."""
    station = get_object_or_404(kept(request).select_related("kind", "organization"), code=code.upper())
    if request.method == "POST":
        _do(request, station)
        return redirect("stations:keep", station.code)
    return render(request, "stations/keeper.html", _page(request, station))


def _page(request: HttpRequest, station: Station) -> dict[str, Any]:
    moment = timezone.now()
    today = timezone.localdate(moment)
    timetable = Timetable.of(station, Calendar.now())
    now = timetable.now(moment)
    weeks = visitor.weeks(timetable.periods, today, timetable.weekday(today)) if timetable.known else []
    stale = today - datetime.timedelta(days=UNCONFIRMED_DAYS)
    owed = Ticket.objects.reached_by(request.user, "answer").filter(station_link__station=station).owed()
    waiting = list(owed.most_urgent_first())
    locked = [ticket for ticket in waiting if ticket.category == Feedback.LOCKED]
    return {
        "station": station,
        "standing": visitor.standing(station, now, moment),
        "spans": [span for week in weeks for day in week.days if day.today for span in day.spans],
        "exception": now.exception,
        "otherwise_today": notices.exceptions(
            [row for row in notices.of_today(timetable.exceptions, moment) if row != now.exception], moment
        ),
        "in_service": station.status == State.OPEN,
        "door": DoorForm(),
        "is_stale": not station.last_confirmed_on or station.last_confirmed_on < stale,
        "waiting": waiting,
        "locked": locked,
        # Several reports of a locked door are answered with one word.
        "tickets": [ticket for ticket in waiting if len(locked) < 2 or ticket not in locked],
        "thanks": StationTicket.objects.filter(
            station=station,
            ticket__category=Feedback.THANKS,
            ticket__reported_at__gte=moment - datetime.timedelta(days=30),
        ).count(),
        "supplies": station.supplies.filter(is_active=True),
        "verbs": SupplyMove.Verb.choices,
        "supply_form": SupplyForm(),
        "shifts": DutyShift.objects.filter(station=station).of_day(today),
        "shift_form": ShiftForm(),
        "visits_today": station.visit_hours.filter(day=today).total(),
    }


# --- What the buttons do --------------------------------------------------------------------------------------


def _do(request: HttpRequest, station: Station) -> None:
    verb = _VERBS.get(request.POST.get("do", ""))
    if verb is None:
        return
    try:
        messages.success(request, verb(request, station))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    except (PermissionDenied, TransitionRefused) as error:
        messages.error(request, str(error) or _("This is not possible."))


def _checked(form: Any) -> Any:
    if not form.is_valid():
        raise ValidationError([message for errors in form.errors.values() for message in errors])
    return form


def _confirm(request: HttpRequest, station: Station) -> str:
    confirm(station, by=request.user)
    return _("Confirmed: what is shown of the station is true today.")


def _door(request: HttpRequest, station: Station) -> str:
    form = _checked(DoorForm(request.POST))
    data = form.cleaned_data
    with transaction.atomic():
        now = _alone_at(station)
        # What was said at the door before no longer holds; what the county entered gives way for this time only.
        at_the_door = Q(created_by=request.user) | Q(created_by__in=station.keepers.all())
        for earlier in station.exceptions.filter(at_the_door, begins__lte=now, ends__gt=now + _MINUTE):
            end_exception(earlier, by=request.user)
        except_hours(
            station, kind=data["kind"], begins=now, ends=form.until(now), reason=data["reason"], by=request.user
        )
    return _("Visitors see it at once.")


def _alone_at(station: Station) -> datetime.datetime:
    """Now, once a second press of a door button has waited for the first."""
    Station.objects.select_for_update(no_key=True).get(pk=station.pk)
    return timezone.now()


@transaction.atomic
def _resume(request: HttpRequest, station: Station) -> str:
    now = _alone_at(station)
    for earlier in station.exceptions.not_over(now).filter(begins__lte=now):
        end_exception(earlier, by=request.user)
    return _("The weekly hours hold again.")


def _answer(request: HttpRequest, station: Station) -> str:
    """One ticket, or all that say "locked"."""
    asked = request.POST.get("ticket", "")
    rows = Ticket.objects.reached_by(request.user, "answer").filter(station_link__station=station).owed()
    chosen = rows.filter(category=Feedback.LOCKED) if asked == "locked" else rows.filter(pk=_number(asked))
    done = tickets.move(chosen, "answer", by=request.user, text=request.POST.get("text", "")[:1000])
    if not done:
        raise ValidationError(_("The ticket is answered already."))
    return _("The answer stands on the station's page.")


def _supply(request: HttpRequest, station: Station) -> str:
    supply = get_object_or_404(station.supplies, pk=_number(request.POST.get("supply", "")))
    data = _checked(MoveForm(request.POST)).cleaned_data
    move_supply(supply, SupplyMove.Verb(data["verb"]), quantity=data["quantity"], note=data["note"], by=request.user)
    return _("Written down: %s") % supply


def _new_supply(request: HttpRequest, station: Station) -> str:
    return _added(request, SupplyForm(request.POST, instance=Supply(station=station)))


def _new_shift(request: HttpRequest, station: Station) -> str:
    return _added(request, ShiftForm(request.POST, instance=DutyShift(station=station)))


@transaction.atomic
def _added(request: HttpRequest, form: Any) -> str:
    _checked(form).instance.validate_constraints()  # the station is no field of the form, which leaves them out
    row = form.save()
    require_editable(type(row).objects.all(), [row.pk], request.user)
    record("add", row, by=request.user, organization=row.station.organization)
    return _("Written down: %s") % row


def _duty(request: HttpRequest, station: Station) -> str:
    shift = get_object_or_404(DutyShift, station=station, pk=_number(request.POST.get("shift", "")))
    change_duty(shift, request.POST.get("verb", ""), by=request.user, handover=request.POST.get("handover", ""))
    return _("Written down: %s") % shift


def _number(text: str) -> int | None:
    return int(text) if text.isdecimal() else None


_VERBS: dict[str, Callable[[HttpRequest, Station], str]] = {
    "confirm": _confirm,
    "door": _door,
    "resume": _resume,
    "answer": _answer,
    "supply": _supply,
    "new-supply": _new_supply,
    "new-shift": _new_shift,
    "duty": _duty,
}
