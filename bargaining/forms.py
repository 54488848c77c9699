"""One form per next step of a negotiation."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from bargaining.actions import Count, Draft, Evidence, Result
from bargaining.models import Agreement, Negotiation, StageCheck, Topic, Vote
from unionportal.figures import FigureError, parse_figure

EVIDENCE_SUFFIXES = ("pdf", "jpg", "jpeg", "png", "webp", "doc", "docx", "xls", "xlsx", "ofd", "wps", "et", "txt")
EVIDENCE_MAX_BYTES = 20 * 1024 * 1024


class DayInput(UnfoldAdminTextInputWidget):
    """The browser's own date field: it works on a phone and without scripts."""

    input_type = "date"


def day_field(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(label=label, widget=DayInput(), **options)


def number_field(label: Any, least: int = 0, **options: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, min_value=least, widget=UnfoldAdminIntegerFieldWidget(), **options)


def text_field(label: Any, limit: int, **options: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=limit, widget=UnfoldAdminTextInputWidget(), **options)


def choice_field(label: Any, choices: Any, **options: Any) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=UnfoldAdminSelectWidget(), **options)


def check_evidence_file(file: UploadedFile) -> None:
    """Raises ValidationError for a file too large or of a kind that is no document or picture."""
    if (file.name or "").rpartition(".")[2].lower() not in EVIDENCE_SUFFIXES:
        raise ValidationError(_("A document or a picture: %(kinds)s.") % {"kinds": ", ".join(EVIDENCE_SUFFIXES)})
    if (file.size or 0) > EVIDENCE_MAX_BYTES:
        raise ValidationError(_("The file is larger than %(limit)d MB.") % {"limit": EVIDENCE_MAX_BYTES // 1024**2})


class StepForm(forms.Form):
    """The day, and evidence as words or a file: enough for most steps."""

    on = day_field(gettext_lazy("Date"))
    note = forms.CharField(
        label=gettext_lazy("Description, or where the paper is kept"),
        required=False,
        widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}),
    )
    file = forms.FileField(
        label=gettext_lazy("Scan or file"),
        required=False,
        widget=UnfoldAdminFileFieldWidget(),
        validators=[check_evidence_file],
    )

    evidence_last = ("note", "file")

    def __init__(self, *args: Any, negotiation: Negotiation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.negotiation = negotiation
        self.fields["on"].initial = timezone.localdate
        self.prepare()
        self.order_fields([*(n for n in self.fields if n not in self.evidence_last), *self.evidence_last])

    def prepare(self) -> None:
        """Add fields that depend on the negotiation."""

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.cleaned_data["note"], self.cleaned_data["file"])


class SentForm(StepForm):
    """A step whose time limits run from the day of receipt."""

    received_on = day_field(
        gettext_lazy("Received on"), required=False, help_text=gettext_lazy("Leave empty if on the same day.")
    )


class FilingForm(SentForm):
    """Filing: the papers that the rule set asks for are ticked off."""

    def prepare(self) -> None:
        papers = self.negotiation.rule_set.filing_papers
        if papers:
            self.fields["papers"] = forms.MultipleChoiceField(
                label=_("Papers handed in"),
                choices=[(paper, paper) for paper in papers],
                widget=forms.CheckboxSelectMultiple,
                required=False,
            )


class MeetingForm(StepForm):
    """A meeting: for each topic its outcome, the words agreed, and the figure in them."""

    def prepare(self) -> None:
        self.topics = list(self.negotiation.topics.all())
        for topic in self.topics:
            prefix = f"topic{topic.pk}"
            self.fields[f"{prefix}_outcome"] = choice_field(str(topic), Topic.Outcome.choices, initial=topic.outcome)
            self.fields[f"{prefix}_result"] = text_field(
                _("What was agreed or answered"), 300, required=False, initial=topic.result
            )
            self.fields[f"{prefix}_figure"] = text_field(
                _("Figure"),
                60,
                required=False,
                initial=topic.figure,
                help_text=_("As printed: 1元/单, 5000元以上/月, 每月20日."),
            )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for topic in self.topics:
            prefix = f"topic{topic.pk}"
            if cleaned.get(f"{prefix}_outcome") in Topic.SETTLED_WELL and not cleaned.get(f"{prefix}_result"):
                self.add_error(f"{prefix}_result", _("Write what was agreed."))
            try:
                parse_figure(cleaned.get(f"{prefix}_figure") or "1")
            except FigureError as error:
                self.add_error(f"{prefix}_figure", str(error))
        return cleaned

    @property
    def results(self) -> dict[int, Result]:
        def said(topic: Topic, part: str) -> str:
            return self.cleaned_data[f"topic{topic.pk}_{part}"]

        return {t.pk: Result(said(t, "outcome"), said(t, "result"), said(t, "figure")) for t in self.topics}


class DraftForm(StepForm):
    """The draft agreement."""

    title = text_field(gettext_lazy("Title"), 160)
    kind = choice_field(gettext_lazy("Kind"), Agreement.Kind.choices)
    term_from = day_field(gettext_lazy("In force from"))
    term_to = day_field(gettext_lazy("In force until"))
    coverage = text_field(gettext_lazy("Coverage"), 300, required=False)
    firms_covered = number_field(gettext_lazy("Firms covered"), 1, initial=1)
    workers_covered = number_field(gettext_lazy("Workers covered"), 1)

    def prepare(self) -> None:
        held = Agreement.objects.filter(negotiation=self.negotiation).first()
        names = ("title", "kind", "term_from", "term_to", "coverage", "firms_covered", "workers_covered")
        for name in names if held else ():
            self.fields[name].initial = getattr(held, name)
        if held is None:
            self.fields["kind"].initial = Agreement.Kind.WAGE
            self.fields["firms_covered"].initial = max(self.negotiation.employers.count(), 1)

    @property
    def draft(self) -> Draft:
        names = ("title", "kind", "term_from", "term_to", "coverage", "firms_covered", "workers_covered")
        return Draft(**{name: self.cleaned_data[name] for name in names})


class VoteForm(StepForm):
    """The count of a vote."""

    body = choice_field(gettext_lazy("Voted by"), Vote.Body.choices)
    entitled = number_field(gettext_lazy("Entitled to vote"), 1)
    present = number_field(gettext_lazy("Present"))
    in_favour = number_field(gettext_lazy("For"))
    against = number_field(gettext_lazy("Against"))
    abstained = number_field(gettext_lazy("Abstained"), help_text=gettext_lazy("Ballots not returned included."))
    notified_on = day_field(
        gettext_lazy("Employer notified of the result on"),
        required=False,
        help_text=gettext_lazy("Leave empty if on the same day."),
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        numbers = [cleaned.get(name) for name in ("entitled", "present", "in_favour", "against", "abstained")]
        if None in numbers:
            return cleaned
        entitled, present, *votes = numbers
        if present > entitled:
            self.add_error("present", _("No more can be present than are entitled to vote."))
        if sum(votes) != present:
            self.add_error(
                "abstained", _("For, against and abstained add up to those present; ballots not returned abstain.")
            )
        return cleaned

    @property
    def count(self) -> Count:
        names = ("body", "entitled", "present", "in_favour", "against", "abstained")
        return Count(**{name: self.cleaned_data[name] for name in names})


class StageCheckForm(forms.Form):
    """An adviser's check of a stage on the spot."""

    stage = choice_field(gettext_lazy("Stage"), StageCheck.Stage.choices)
    on = day_field(gettext_lazy("Checked on"))
    remark = text_field(gettext_lazy("Remark"), 200, required=False)

    def __init__(self, *args: Any, negotiation: Negotiation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = set(negotiation.stage_checks.values_list("stage", flat=True))
        self.fields["stage"].choices = [c for c in StageCheck.Stage.choices if c[0] not in held]
        self.fields["on"].initial = timezone.localdate


class PurposeForm(forms.Form):
    purpose = text_field(gettext_lazy("What you need the number for"), 200)


FORMS: dict[str, type[StepForm]] = {
    "offer": SentForm,
    "meet": MeetingForm,
    "draft": DraftForm,
    "vote": VoteForm,
    "file": FilingForm,
}


def form_for(verb: str) -> type[StepForm]:
    """The form of a step; "vote" stands for both of its outcomes."""
    return FORMS.get(verb, StepForm)
