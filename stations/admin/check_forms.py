"""What the staff's pages of checks ask: how a check begins, by when what was not met must be put right."""

from __future__ import annotations

import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stations import actions
from stations.models import StationAssessment
from stations.rating import KIND
from unionportal.organizations.models import Organization
from unionportal.scope import reach_of
from unionportal.standards.judging import shown
from unionportal.standards.models import Assessment, Grade, Standard
from unionportal.verb_pages import dressed


class BeginForm(forms.ModelForm):  # type: ignore[type-arg]
    """Which station, under which standard, at which level, on which day."""

    standard = forms.ModelChoiceField(
        queryset=Standard.objects.none(), label=gettext_lazy("standard"), empty_label=gettext_lazy("Choose")
    )
    level = forms.ChoiceField(choices=Assessment.Level, label=gettext_lazy("level"))
    assessed_on = forms.DateField(label=gettext_lazy("assessed on"), initial=timezone.localdate)

    user: Any = None

    class Meta:
        model = StationAssessment
        fields = ["station"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "standard" not in self.fields:
            return
        standards, levels = Standard.objects.of_kind(KIND).in_use(), levels_of(self.user)
        self.fields["standard"].queryset = standards  # type: ignore[attr-defined]
        self.fields["level"].choices = [(one.value, one.label) for one in Assessment.Level if one in levels]  # type: ignore[attr-defined]
        self.initial.setdefault("level", levels[0])
        if len(standards) == 1:
            self.initial.setdefault("standard", standards[0].pk)
        dressed(Chosen(self, "standard", "level", "assessed_on"))  # type: ignore[arg-type]


def levels_of(user: Any) -> list[str]:
    """The levels at which a user may make checks somewhere, his own first: a keeper and a branch below the county
    check themselves only.
    """
    level, paths = Assessment.Level, reach_of(user, "stations.add_stationassessment")
    unions = Organization.objects.filter(path__in=paths)
    if unions.filter(depth=1).exists():
        return [level.CITY, level.SPOT, level.COUNTY, level.SELF]
    if unions.filter(kind=Organization.Kind.COUNTY_FEDERATION).exists():
        return [level.COUNTY, level.SPOT, level.SELF]
    return [level.SELF]


class Chosen:
    """Some fields of a form, for `dressed`."""

    def __init__(self, form: forms.Form, *names: str) -> None:
        self.fields = {name: form.fields[name] for name in names}


class ReasonForm(forms.Form):
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300)


class ConfirmForm(forms.Form):
    """By when what was not met must be put right, and a lower grade if need be; nothing is asked that is not there."""

    due_on = forms.DateField(label=gettext_lazy("To be put right by"))
    grade = forms.ModelChoiceField(
        queryset=Grade.objects.none(),
        label=gettext_lazy("grade, if less than reached"),
        required=False,
        empty_label=gettext_lazy("as reached"),
    )
    reason = forms.CharField(label=gettext_lazy("Reason"), max_length=300, required=False)

    def __init__(self, *args: Any, check: StationAssessment | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["due_on"] = timezone.localdate() + datetime.timedelta(days=actions.RECTIFY_DAYS)
        if check is None:
            return
        result, unmet = actions.reached(check), check.assessment.answers.filter(met=False).count()
        if unmet:
            told = ngettext("%(count)d criterion is not met.", "%(count)d criteria are not met.", unmet)
            self.fields["due_on"].help_text = told % {"count": unmet}
        else:
            del self.fields["due_on"]
        lower = Grade.objects.filter(
            standard=check.assessment.standard_id, rank__lt=result.grade.rank if result.grade else 0
        )
        if not lower:
            del self.fields["grade"], self.fields["reason"]
            return
        self.fields["grade"].queryset = lower  # type: ignore[attr-defined]
        self.fields["grade"].help_text = _("Reached: %(grade)s, %(points)s of %(out_of)s points.") % {
            "grade": result.grade,
            "points": shown(result.points),
            "out_of": shown(result.out_of),
        }
