"""Checks of stations as an inspector fills them in, on a phone or at the desk."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from stations import actions
from stations.actions.assessments import may_change
from stations.admin.check_forms import BeginForm, ConfirmForm, ReasonForm
from stations.models import AnswerPhoto, Station, StationAssessment
from stations.models.assessments import ASSESSMENTS
from stations.rating import KIND
from unionportal.merging import digest
from unionportal.refusals import told_beside
from unionportal.scoped_admin import ScopedModelAdmin
from unionportal.standards import rules
from unionportal.standards.judging import judge, shown
from unionportal.standards.models import Answer, Assessment, Criterion
from unionportal.states import Transition
from unionportal.verb_pages import VerbPages


@admin.register(StationAssessment)
class StationAssessmentAdmin(VerbPages, ScopedModelAdmin):
    form = BeginForm
    table = ASSESSMENTS
    staff_verbs = ("submit", "confirm_check", "send_back", "cancel_check")
    verb_forms = {"confirm_check": ConfirmForm, "send_back": ReasonForm, "cancel_check": ReasonForm}
    verbs_only = True
    list_display = ["station", "level_shown", "standard_shown", "assessed_shown", "points_shown", "state_badge"]
    list_filter = ["assessment__state", "assessment__level"]
    search_fields = ["station__name"]
    autocomplete_fields = ["station"]
    ordering = ["-assessment__assessed_on", "-id"]

    def get_fields(self, request: HttpRequest, obj: StationAssessment | None = None) -> list[str]:
        if obj is None:
            return ["station", "standard", "level", "assessed_on"]
        return ["station", "standard_shown", "level_shown", "made_by", "assessed_shown", "points_shown", "why", "found"]

    def get_readonly_fields(self, request: HttpRequest, obj: StationAssessment | None = None) -> list[str]:
        return self.get_fields(request, obj) if obj else []

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        return type("BeginFormOfRequest", (form,), {"user": request.user})

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return (
            super()
            .get_queryset(request)
            .select_related("station", "assessment__organization", "assessment__standard", "assessment__grade")
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """For a field that asks on which check stars rest, or against which an appeal is: confirmed ones; stars rest on
        a union's.
        """
        rows, duplicates = super().get_search_results(request, queryset, search_term)
        if request.GET.get("field_name") == "check_made":
            rows = rows.filter(assessment__state=Assessment.State.CONFIRMED)
            if request.GET.get("model_name") == "honour":
                rows = rows.exclude(assessment__level=Assessment.Level.SELF)
        return rows, duplicates

    def save_model(self, request: HttpRequest, obj: StationAssessment, form: Any, change: bool) -> None:
        if change:
            raise PermissionDenied
        given = form.cleaned_data
        with told_beside("level"):
            check = actions.begin_check(
                obj.station, given["standard"], level=given["level"], by=request.user, on=given["assessed_on"]
            )
        obj.pk, obj.assessment = check.pk, check.assessment

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Beginning a check leads on to filling it in: there is one button."""
        if context.get("original") is None:
            context |= {"show_save_and_add_another": False, "show_save_and_continue": False}
        return super().render_change_form(request, context, *args, **kwargs)

    def response_add(self, request: HttpRequest, obj: StationAssessment, post_url_continue: Any = None) -> Any:
        return redirect("admin:stations_stationassessment_fill", obj.pk)

    def form_arguments(self, request: HttpRequest, verb: str) -> dict[str, Any]:
        if verb != "confirm_check":
            return {}
        return {"check": self.get_object(request, request.resolver_match.kwargs["object_id"])}  # type: ignore[union-attr]

    def do(self, request: HttpRequest, obj: StationAssessment, verb: str, answers: dict[str, Any]) -> Any:
        return actions.change_check(obj, verb, by=request.user, **answers)

    def may(self, request: HttpRequest, obj: StationAssessment, transition: Transition) -> bool:
        """Only what the user may do in the name of the union that makes the check."""
        return super().may(request, obj, transition) and may_change(obj, request.user, transition.permission)

    def links(self, request: HttpRequest, obj: StationAssessment) -> list[tuple[str, str]]:
        found = []
        if obj.state == Assessment.State.DRAFT and self.has_change_permission(request, obj):
            found.append((_("Fill in"), reverse("admin:stations_stationassessment_fill", args=[obj.pk])))
        if obj.state == Assessment.State.CONFIRMED and actions.may_appeal(request.user, obj.station):
            found.append((_("Appeal"), f"{reverse('admin:stations_appeal_add')}?check_made={obj.pk}"))
        if obj.station.is_public:
            found.append((_("Public page of the rating"), reverse("stations:rating", args=[obj.station.code])))
        return found

    # --- Filling in ------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("<int:object_id>/fill/", view(self.fill_page), name="stations_stationassessment_fill"),
            path("<int:object_id>/photo/<int:photo>/", view(self.photo), name="stations_stationassessment_photo"),
            *super().get_urls(),
        ]

    def fill_page(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """The criteria one below the other, each with its answer, a note and photos: made for a phone."""
        check = self.subject_or_404(request, str(object_id))
        if not self.has_change_permission(request, check):
            raise PermissionDenied
        if check.state != Assessment.State.DRAFT:
            messages.info(request, _("The check was handed in: nothing is changed any more."))
            return redirect("admin:stations_stationassessment_change", object_id)
        rows = [_FillRow(answer, check.station, request) for answer in _answers(check)]
        if request.method == "POST" and self._saved(request, check, rows):
            if "_submit" not in request.POST:
                messages.success(request, _("Saved."))
                return redirect("admin:stations_stationassessment_fill", object_id)
            rows = [_FillRow(answer, check.station, request) for answer in _answers(check)]
            if not _told_open(rows):
                return redirect("admin:stations_stationassessment_do", object_id, "submit")
            messages.warning(request, _("Saved, but not handed in: some criteria are not answered yet, see below."))
        context = {
            **self.admin_site.each_context(request),
            "title": _("Check: %(station)s") % {"station": check.station},
            "opts": self.opts,
            "original": check,
            "rows": rows,
            "open_rows": sum(row.answer.met is None and not row.computed for row in rows),
        }
        return TemplateResponse(request, "admin/stations/assessment/fill.html", context)

    def _saved(self, request: HttpRequest, check: StationAssessment, rows: list[_FillRow]) -> bool:
        """Nothing is kept unless everything is right; what was wrong stands beside its criterion."""
        for row in rows:
            row.read(request)
        try:
            with transaction.atomic():
                if not any(row.error for row in rows):
                    given = {row.criterion.pk: row.given for row in rows}
                    actions.fill_in(check, given, by=request.user)
                for row in rows:
                    row.keep_photos(check, by=request.user)
                if any(row.error for row in rows):
                    raise ValidationError(_("Something is still wrong: see below. Nothing was saved."))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            for row in rows:
                row.photos_lost = bool(row.uploads)
            return False
        return True

    def photo(self, request: HttpRequest, object_id: int, photo: int) -> HttpResponse:
        """A photo as evidence, for those who may see the check."""
        check = self.subject_or_404(request, str(object_id))
        found = AnswerPhoto.objects.visible_to(request.user).filter(
            pk=photo, answer__assessment=check.assessment_id, station=check.station_id
        )
        picture = found.first()
        if picture is None:
            raise Http404
        stored = picture.thumbnail if "small" in request.GET else picture.image
        return FileResponse(stored.open("rb"), content_type="image/webp")

    # --- Columns ---------------------------------------------------------------------------------------------

    @display(description=gettext_lazy("level"), ordering="assessment__level")
    def level_shown(self, obj: StationAssessment) -> str:
        return obj.assessment.get_level_display()

    @display(description=gettext_lazy("standard"), ordering="assessment__standard")
    def standard_shown(self, obj: StationAssessment) -> str:
        return str(obj.assessment.standard)

    @display(description=gettext_lazy("made by"))
    def made_by(self, obj: StationAssessment) -> str:
        return str(obj.assessment.organization)

    @display(description=gettext_lazy("assessed on"), ordering="assessment__assessed_on")
    def assessed_shown(self, obj: StationAssessment) -> datetime.date:
        return obj.assessment.assessed_on

    @display(description=gettext_lazy("points"), ordering="assessment__points")
    def points_shown(self, obj: StationAssessment) -> str:
        assessment = obj.assessment
        if assessment.points is None:
            return "—"
        grade = f" {assessment.grade}" if assessment.grade else ""
        return f"{shown(assessment.points)} / {shown(assessment.out_of)}{grade}"

    @display(
        description=gettext_lazy("state"),
        label={
            "draft": "default",
            "submitted": "warning",
            "confirmed": "success",
            "set_aside": "danger",
            "cancelled": "default",
        },
        ordering="assessment__state",
    )
    def state_badge(self, obj: StationAssessment) -> tuple[str, str]:
        return obj.state, obj.get_state_display()

    @display(description=gettext_lazy("reason"))
    def why(self, obj: StationAssessment) -> str:
        return obj.assessment.reason or "—"

    @display(description=gettext_lazy("what was found"))
    def found(self, obj: StationAssessment) -> str:
        context = {"rows": [_FillRow(answer, obj.station, None) for answer in _answers(obj)], "original": obj}
        return render_to_string("admin/stations/assessment/found.html", context)


def _answers(check: StationAssessment) -> QuerySet[Answer]:
    rows = Answer.objects.filter(assessment=check.assessment_id).select_related("criterion")
    return rows.prefetch_related("photos").order_by("criterion__position")


def _told_open(rows: list[_FillRow]) -> bool:
    """Say beside each criterion that is not answered yet that it is not. Whether there was one."""
    open_rows = [row for row in rows if row.answer.met is None and not row.computed]
    for row in open_rows:
        row.error = _("Not answered yet.")
    return bool(open_rows)


class _FillRow:
    """A criterion on the page: what stands there, what was typed, what was wrong."""

    def __init__(self, answer: Answer, station: Station, request: HttpRequest | None) -> None:
        self.answer, self.criterion = answer, answer.criterion
        self.computed = self.criterion.judged == Criterion.Judged.COMPUTED
        self.prefix = f"c{self.criterion.pk}"
        self.error = ""
        self.given: dict[str, Any] = {"met": answer.met, "amount": answer.amount, "note": answer.note}
        self.finding = (
            rules.find(KIND, self.criterion.rule, station, self.criterion.parameters) if self.computed else None
        )
        self.uploads: list[Any] = []
        self.photos_lost = False

    @cached_property
    def kept(self) -> str:
        """The answer as it is kept, in what the page's fields would hold of it. The page carries it along, so that two
        who fill in one check undo nothing.
        """
        answer = self.answer
        amount = "" if answer.amount is None or not self.takes_amount else shown(answer.amount)
        met = "" if self.takes_amount else {True: "yes", False: "no"}.get(answer.met, "")
        return digest(self.prefix, f"{met}/{amount}/{answer.note}")

    @property
    def photos(self) -> list[Any]:
        return list(self.answer.photos.all())  # type: ignore[attr-defined]

    @property
    def amount_typed(self) -> str:
        amount = self.given["amount"]
        return "" if amount is None else (shown(amount) if isinstance(amount, Decimal) else str(amount))

    @property
    def takes_amount(self) -> bool:
        return self.criterion.judged in (Criterion.Judged.COUNT, Criterion.Judged.SCORE)

    @property
    def points_shown(self) -> str:
        return shown(self.criterion.points)

    @property
    def minimum_shown(self) -> str:
        return "" if self.criterion.minimum is None else shown(self.criterion.minimum)

    def read(self, request: HttpRequest) -> None:
        """Take what was posted; a number that is none is said."""
        if self.computed:
            return
        posted = request.POST
        self.uploads = request.FILES.getlist(f"{self.prefix}-photo")
        seen, names = posted.get(f"{self.prefix}-seen", ""), ("met", "amount", "note")
        typed = digest(self.prefix, "/".join(posted.get(f"{self.prefix}-{name}", "").strip() for name in names))
        answered_meanwhile = seen and self.kept not in (seen, typed)
        if answered_meanwhile and typed == seen:
            return  # not touched here
        if answered_meanwhile:
            self.error = _("Somebody else has changed this meanwhile. Save again to keep what you entered instead.")
        self.given["note"] = posted.get(f"{self.prefix}-note", "").strip()
        if not self.takes_amount:
            self.given["met"] = {"yes": True, "no": False}.get(posted.get(f"{self.prefix}-met", ""))
            return
        typed = posted.get(f"{self.prefix}-amount", "").strip()
        self.given["amount"] = typed or None
        if typed:
            try:
                amount = forms.DecimalField(max_digits=8, decimal_places=1, min_value=0).clean(typed)
                judge(self.criterion, amount=amount)
            except ValidationError as error:
                self.error = " ".join(error.messages)
            else:
                self.given["amount"] = amount

    def keep_photos(self, check: StationAssessment, *, by: Any) -> None:
        for upload in self.uploads:
            try:
                actions.add_evidence(check, self.criterion, upload, by=by)
            except ValidationError as error:
                self.error = " ".join(error.messages)
