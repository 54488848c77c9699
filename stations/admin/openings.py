"""Closures and extra openings of a station, below its form."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display
from unfold.widgets import UnfoldAdminDateWidget, UnfoldAdminTimeWidget

from stations.actions import end_exception, except_hours
from stations.models import OpeningException
from unionportal.scoped_admin import ScopedTabularInline


class OpeningExceptionForm(forms.ModelForm):
    """Whole days by their dates; with times, from the one to the other."""

    first_day = forms.DateField(label=gettext_lazy("first day"), widget=UnfoldAdminDateWidget)
    from_time = forms.TimeField(
        label=gettext_lazy("from the time"),
        required=False,
        widget=UnfoldAdminTimeWidget,
        help_text=gettext_lazy("Empty: whole days."),
    )
    last_day = forms.DateField(label=gettext_lazy("last day"), widget=UnfoldAdminDateWidget)
    to_time = forms.TimeField(label=gettext_lazy("until the time"), required=False, widget=UnfoldAdminTimeWidget)

    class Meta:
        model = OpeningException
        fields = ["kind", "reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        first, last = cleaned.get("first_day"), cleaned.get("last_day")
        if first and last:
            self.instance.begins = _moment(first, cleaned.get("from_time"))
            self.instance.ends = _moment(last, cleaned.get("to_time"), end_of_day=True)
            if self.instance.ends <= self.instance.begins:
                raise ValidationError(_("It ends after it begins."))
            if self.instance.ends <= timezone.now():
                raise ValidationError(_("That time is over."))
        return cleaned


def _moment(day: datetime.date, time: datetime.time | None, *, end_of_day: bool = False) -> datetime.datetime:
    if time is None and end_of_day:
        day += datetime.timedelta(days=1)
    return timezone.make_aware(datetime.datetime.combine(day, time or datetime.time()))


class OpeningExceptionInline(ScopedTabularInline):
    """What holds now or is to come. An entry is not rewritten but ended: by its box it stops holding at once."""

    model = OpeningException
    form = OpeningExceptionForm
    fields = ["kind", "first_day", "from_time", "last_day", "to_time", "reason"]
    hide_title = True
    verbose_name_plural = gettext_lazy("Closures and extra openings by date")

    def get_queryset(self, request: HttpRequest) -> QuerySet[OpeningException]:
        return super().get_queryset(request).not_over(timezone.now())  # type: ignore[attr-defined,no-any-return]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    # What an entry shows in place of the fields of its form.

    @display(description=gettext_lazy("first day"))
    def first_day(self, obj: OpeningException) -> str:
        return date_format(timezone.localtime(obj.begins), "DATE_FORMAT")

    @display(description=gettext_lazy("from the time"))
    def from_time(self, obj: OpeningException) -> str:
        return f"{timezone.localtime(obj.begins):%H:%M}"

    @display(description=gettext_lazy("last day"))
    def last_day(self, obj: OpeningException) -> str:
        # The last minute: what ends at midnight ends on the day before, at 24:00.
        return date_format(timezone.localtime(obj.ends) - datetime.timedelta(minutes=1), "DATE_FORMAT")

    @display(description=gettext_lazy("until the time"))
    def to_time(self, obj: OpeningException) -> str:
        ends = timezone.localtime(obj.ends)
        return "24:00" if ends.time() == datetime.time() else f"{ends:%H:%M}"


def save_exceptions(formset: Any, *, by: Any) -> None:
    """What was ticked is ended and what was entered begins, in this order.

    Raises PermissionDenied, ValidationError.
    """
    entered = formset.save(commit=False)
    for row in formset.deleted_objects:
        end_exception(row, by=by)
    for row in entered:
        except_hours(row.station, kind=row.kind, begins=row.begins, ends=row.ends, reason=row.reason, by=by)
