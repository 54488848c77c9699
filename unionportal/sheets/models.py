"""The record of every sheet handed in: the file and its hash, who, when, what was found and what was done."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from unionportal.organizations.models import Account, Organization
from unionportal.scope import ScopedQuerySet


class SheetRunQuerySet(ScopedQuerySet["SheetRun"]):
    def lean(self) -> SheetRunQuerySet:
        """Without the file, what was found in it and what undoing needs, which may be large."""
        return self.defer("content", "report", "journal")

    def same_file(self, run: SheetRun) -> SheetRunQuerySet:
        """Earlier runs of the same file for the same kind of sheet and organisation that were applied."""
        return self.filter(
            sha256=run.sha256, kind=run.kind, organization=run.organization, state__in=SheetRun.APPLIED
        ).exclude(pk=run.pk)


class SheetRun(models.Model):
    """One sheet from upload to what became of it.

    `content` is the uploaded file, sealed; it is deleted after ``SHEETS_KEEP_DAYS``. `mapping` holds what a person
    said about headings: heading -> field, or "" to leave a column out. Counts are rows of the file. `report` is
    what the background worker found (`report.Report`) and `journal` what undoing needs (`undo`), both sealed.
    `refusal` says in words why a file cannot be used or was not written.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting to be checked")
        CHECKING = "checking", _("Being checked")
        CHECKED = "checked", _("Checked, not applied")
        APPLYING = "applying", _("Being written")
        UNUSABLE = "unusable", _("Cannot be used")
        APPLIED = "applied", _("Applied")
        PARTLY_APPLIED = "partly_applied", _("Good rows applied")
        DISCARDED = "discarded", _("Discarded")
        UNDOING = "undoing", _("Being taken back")
        UNDONE = "undone", _("Undone")

    APPLIED = (State.APPLIED, State.PARTLY_APPLIED)
    # The background worker has it, or will.
    BUSY = (State.WAITING, State.CHECKING, State.APPLYING, State.UNDOING)

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

    refusal_code = models.CharField(max_length=40, blank=True, editable=False)
    refusal = models.TextField(_("why it was not written"), blank=True, editable=False)
    in_background = models.BooleanField(_("by the background worker"), default=False, editable=False)
    good_rows_only = models.BooleanField(default=False, editable=False)
    report = models.BinaryField(null=True, editable=False)
    journal = models.BinaryField(null=True, editable=False)
    asked_by = models.ForeignKey(Account, models.PROTECT, null=True, editable=False, related_name="+")
    # Whether whoever asked the background worker has seen how it ended.
    is_noticed = models.BooleanField(default=True, editable=False)
    continues = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        editable=False,
        related_name="continuations",
        verbose_name=_("corrected rows of"),
    )

    handed_in_at = models.DateTimeField(_("handed in at"), default=timezone.now)
    handed_in_by = models.ForeignKey(
        Account, models.PROTECT, null=True, related_name="+", verbose_name=_("handed in by")
    )
    applied_at = models.DateTimeField(_("applied at"), null=True)
    applied_by = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", verbose_name=_("applied by"))

    undone_at = models.DateTimeField(_("undone at"), null=True, editable=False)
    undone_by = models.ForeignKey(
        Account, models.PROTECT, null=True, editable=False, related_name="+", verbose_name=_("undone by")
    )

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
                condition=models.Q(applied_at__isnull=True)
                ^ models.Q(state__in=["applied", "partly_applied", "undoing", "undone"]),
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

    @property
    def written_state(self) -> str:
        """What a run is that was written: whole, or without its rejected rows."""
        return self.State.PARTLY_APPLIED if self.rejected else self.State.APPLIED

    @property
    def is_busy(self) -> bool:
        """Whether the background worker has it, or will."""
        return self.state in self.BUSY


class SheetProgressQuerySet(ScopedQuerySet["SheetProgress"]):
    scope_path = "run__organization__path"


class SheetProgress(models.Model):
    """How far the background worker is with a sheet: written on a connection of its own (`progress.Beacon`), so that
    others see it while the rows are still in an open transaction.

    `found` counts problems by code: code -> [level, count, first message]; messages show masked values only.
    """

    class Phase(models.TextChoices):
        QUEUED = "queued", _("waiting for its turn")
        READING = "reading", _("reading and checking the rows")
        WRITING = "writing", _("writing the rows")
        UNDOING = "undoing", _("taking the rows back")
        DONE = "done", _("done")

    run = models.OneToOneField(SheetRun, models.CASCADE, primary_key=True, related_name="progress")
    phase = models.CharField(max_length=8, choices=Phase, default=Phase.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    began_at = models.DateTimeField(default=timezone.now)
    seen_at = models.DateTimeField(default=timezone.now)
    attempts = models.PositiveSmallIntegerField(default=0)
    found = models.JSONField(default=dict)

    objects = SheetProgressQuerySet.as_manager()

    class Meta:
        verbose_name = _("progress of a sheet")
        verbose_name_plural = _("progress of sheets")

    def __str__(self) -> str:
        return f"{self.done}/{self.total}"

    @property
    def percent(self) -> int:
        return min(100 * self.done // self.total, 100) if self.total else 0

    @property
    def rows_per_second(self) -> int:
        """Rows of this phase per second; 0 before the first word."""
        seconds = (self.seen_at - self.began_at).total_seconds()
        return round(self.done / seconds) if seconds > 0 else 0

    @property
    def seconds_left(self) -> int | None:
        """Until the end of this phase; None where nothing can be said yet."""
        rate = self.rows_per_second
        return (self.total - self.done) // rate if rate and self.total else None
