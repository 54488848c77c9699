"""The record of every sheet handed in: the file and its hash, who, when, what was found and what was done."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from unionportal.organizations.models import Account, Organization
from unionportal.scope import ScopedQuerySet


class SheetRunQuerySet(ScopedQuerySet["SheetRun"]):
    def same_file(self, run: SheetRun) -> SheetRunQuerySet:
        """Earlier runs of the same file for the same kind of sheet and organisation that were applied."""
        return self.filter(
            sha256=run.sha256, kind=run.kind, organization=run.organization, state__in=SheetRun.APPLIED
        ).exclude(pk=run.pk)


class SheetRun(models.Model):
    """One sheet from upload to what became of it.

    `content` is the uploaded file, sealed; it is deleted after ``SHEETS_KEEP_DAYS``. `mapping` holds what a person
    said about headings: heading -> field, or "" to leave a column out. Counts are rows of the file.
    """

    class State(models.TextChoices):
        CHECKED = "checked", _("Checked, not applied")
        UNUSABLE = "unusable", _("Cannot be used")
        APPLIED = "applied", _("Applied")
        PARTLY_APPLIED = "partly_applied", _("Good rows applied")
        DISCARDED = "discarded", _("Discarded")

    APPLIED = (State.APPLIED, State.PARTLY_APPLIED)

    kind = models.CharField(_("sheet"), max_length=40)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="sheet_runs", verbose_name=_("organization")
    )
    filename = models.CharField(_("file"), max_length=200)
    sha256 = models.CharField(_("hash of the file"), max_length=64, db_index=True)
    size = models.PositiveIntegerField(_("bytes"))
    content = models.BinaryField(null=True, editable=False)
    table = models.PositiveSmallIntegerField(_("table"), default=0)
    mapping = models.JSONField(_("headings mapped by hand"), default=dict, blank=True)
    options = models.JSONField(_("options"), default=dict, blank=True)

    state = models.CharField(_("state"), max_length=16, choices=State, default=State.CHECKED)
    rows = models.PositiveIntegerField(_("rows"), default=0)
    created = models.PositiveIntegerField(_("created"), default=0)
    updated = models.PositiveIntegerField(_("changed"), default=0)
    unchanged = models.PositiveIntegerField(_("unchanged"), default=0)
    rejected = models.PositiveIntegerField(_("rejected"), default=0)
    warnings = models.PositiveIntegerField(_("warnings"), default=0)

    handed_in_at = models.DateTimeField(_("handed in at"), default=timezone.now)
    handed_in_by = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="+", verbose_name=_("handed in by")
    )
    applied_at = models.DateTimeField(_("applied at"), null=True)
    applied_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("applied by"))

    objects = SheetRunQuerySet.as_manager()

    class Meta:
        ordering = ["-handed_in_at", "-id"]
        verbose_name = _("sheet handed in")
        verbose_name_plural = _("sheets handed in")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    rows=models.F("created") + models.F("updated") + models.F("unchanged") + models.F("rejected")
                ),
                name="sheet_run_counts_every_row",
                violation_error_message=_("Every row of a sheet is counted once."),
            ),
            models.CheckConstraint(
                condition=models.Q(applied_at__isnull=True) ^ models.Q(state__in=["applied", "partly_applied"]),
                name="sheet_run_applied_at",
                violation_error_message=_("A sheet that was applied says when."),
            ),
        ]

    def __str__(self) -> str:
        return self.filename

    @property
    def is_open(self) -> bool:
        """Whether it still waits for somebody to apply or discard it."""
        return self.state == self.State.CHECKED and self.content is not None
