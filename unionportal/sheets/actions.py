"""What can happen to a sheet that was handed in: checked, checked again with headings mapped, applied, discarded,
undone. A long list is checked and applied by the background worker (`background`).

The preview and the application both read the file anew: what is written is decided on the database as it stands
at that moment, under a lock of all sheets of the kind, so that two clerks with overlapping files
follow one another and the second sees what the first has changed.
"""

from __future__ import annotations

import datetime
import hashlib
import zlib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from unionportal.audit.actions import record
from unionportal.organizations.models import Organization
from unionportal.scope import covers
from unionportal.sheets.continuation import continued_run
from unionportal.sheets.examination import COLUMN_MARK, Examination, OpenedSheet, Progress, examine_opened, open_sheet
from unionportal.sheets.files import file_of, keep_file
from unionportal.sheets.models import SheetRun
from unionportal.sheets.problems import WARNING, Problem, SheetFileError, problem, refuse
from unionportal.sheets.queueing import queue
from unionportal.sheets.resources import Context, Outcome, SheetResource, Told, masked_text, resource_for
from unionportal.sheets.undo import Journal, can_be_undone, journalled, take_back


def require_import(resource: type[SheetResource], organization: Organization, by: Any) -> None:
    """Raises PermissionDenied where `by` may not import this kind of sheet for the organisation."""
    permission = resource.permission("import")
    if not covers(by, permission, organization):
        raise PermissionDenied(_("Your roles do not allow importing this sheet for %(name)s.") % {"name": organization})


def lock_kind(kind: str) -> None:
    """Let the sheets of a kind follow one another until the transaction ends: a county's file and the city's may
    mean the same records.
    """
    lock = zlib.crc32(f"sheet {kind}".encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [810_000, lock - 2**31])


def examine_run(run: SheetRun, *, by: Any, progress: Progress | None = None, wrote: Told | None = None) -> Examination:
    """Read the run's file as the database stands now. Nothing is written.

    `progress` is told while rows are read, `wrote` while the resource of the examination writes them.
    Raises SheetFileError where the file cannot be used, PermissionDenied, ValidationError once it is deleted.
    """
    opened = open_run(run, by=by)
    opened.resource.context.wrote = wrote
    found = examine_opened(opened, mapping=run.mapping, progress=progress)
    found.file_problems += _applied_before(run)
    return found


def open_run(run: SheetRun, *, by: Any) -> OpenedSheet:
    """The run's file as far as its headings, for a person to say what they mean. Raises as `examine_run`."""
    resource = resource_for(run.kind)
    require_import(resource, run.organization, by)
    context = Context(run.organization, by, dict(run.options))
    return open_sheet(file_of(run), run.filename, resource, context, table=run.table, mapping=dict(run.mapping))


def _applied_before(run: SheetRun) -> list[Problem]:
    earlier = SheetRun.objects.all().same_file(run).order_by("applied_at").last()
    if run.state != SheetRun.State.CHECKED or earlier is None or not earlier.applied_at:
        return []
    when = timezone.localtime(earlier.applied_at).strftime("%Y-%m-%d %H:%M")
    return [problem("file-repeated", value=run.filename, when=when, who=str(earlier.applied_by or "—"))]


# What a person can mend by saying which column holds what, or which list of the file is meant.
MENDABLE = frozenset({"heading-required"})


class SheetUnusable(SheetFileError):
    """A file that was handed in and cannot be used as it is. `run` stays open where headings can mend it."""

    def __init__(self, problem: Problem, run: SheetRun) -> None:
        super().__init__(problem)
        self.run = run


def hand_in(
    content: bytes,
    *,
    filename: str,
    kind: str,
    organization: Organization,
    by: Any,
    mapping: dict[str, str] | None = None,
    options: dict[str, Any] | None = None,
    table: int = 0,
) -> tuple[SheetRun, Examination]:
    """Take a file in, keep it sealed, and say everything about it. Nothing of it is written yet.

    `table` is the index of the list to read among those of the file. Raises PermissionDenied; SheetUnusable where
    it cannot be used, and then the run says so in the record.
    """
    run = _take_in(content, filename, kind, organization, by, mapping, options, table)
    return run, _check_first(run, by)


def hand_in_waiting(
    content: bytes, *, filename: str, kind: str, organization: Organization, by: Any, **said: Any
) -> SheetRun:
    """As `hand_in`, for who does not need the answer at once: a long list is left to the background worker."""
    run = _take_in(content, filename, kind, organization, by, said.get("mapping"), said.get("options"))
    if run.size > settings.SHEETS_BACKGROUND_BYTES:
        queue(run, SheetRun.State.WAITING, by=by)
        return run
    try:
        _check_first(run, by, progress=_refuse_long)
    except _LongList:
        queue(run, SheetRun.State.WAITING, by=by)
    return run


class _LongList(Exception):
    """The list has more rows than a page should wait for."""


def _refuse_long(_done: int, total: int, _problems: Any) -> None:
    if total > settings.SHEETS_BACKGROUND_ROWS:
        raise _LongList


def _take_in(
    content: bytes,
    filename: str,
    kind: str,
    organization: Organization,
    by: Any,
    mapping: dict[str, str] | None,
    options: dict[str, Any] | None,
    table: int = 0,
) -> SheetRun:
    """Keep a file, sealed; corrected rows that come back are read as the sheet they come from was."""
    require_import(resource_for(kind), organization, by)
    limit = settings.SHEETS_MAX_BYTES
    if len(content) > limit:
        raise refuse("file-too-large", size=round(len(content) / 1024**2), limit=limit // 1024**2)
    earlier = continued_run(content, kind, organization, by)
    run = SheetRun(
        kind=kind,
        organization=organization,
        filename=filename[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        mapping={**(mapping or {}), **(earlier.mapping if earlier else {})},
        options={**(earlier.options if earlier else {}), **(options or {})},
        table=table,
        handed_in_by=by,
        continues=earlier,
    )
    with transaction.atomic():
        run.save()
        keep_file(run, content)
    del run.content  # read when it is asked for
    return run


def _check_first(run: SheetRun, by: Any, progress: Progress | None = None) -> Examination:
    try:
        return check_again(run, by=by, progress=progress)
    except SheetFileError as error:
        refuse_run(run, error.problem)
        raise SheetUnusable(error.problem, run) from error


def refuse_run(run: SheetRun, found: Problem) -> None:
    """Write down why a file cannot be used; it stays open only where headings can mend it."""
    run.refusal_code, run.refusal = found.code, found.message
    if found.code not in MENDABLE:
        run.state, run.content = SheetRun.State.UNUSABLE, None
    run.save()


def check_again(
    run: SheetRun,
    *,
    by: Any,
    mapping: dict[str, str] | None = None,
    table: int | None = None,
    options: dict[str, Any] | None = None,
    progress: Progress | None = None,
) -> Examination:
    """Examine a run once more, with headings as a person has mapped them, another table of the file, or another
    choice such as the datum. What was said is kept also where the file cannot be used yet.

    What a person said about a heading is remembered for the organisation's next file of the kind.
    Raises as `examine_run`, and ValidationError where the run is no longer open.
    """
    _say_anew(run, mapping, table, options)
    found = examine_run(run, by=by, progress=progress)
    count(run, found)
    # Somebody may have applied or discarded it meanwhile: then its counts are settled.
    SheetRun.objects.filter(pk=run.pk, state=SheetRun.State.CHECKED).update(
        refusal_code="", refusal="", **{name: getattr(run, name) for name in (*found.counts, "warnings")}
    )
    return found


def check_again_waiting(run: SheetRun, *, by: Any, **said: Any) -> None:
    """As `check_again`; a list that the background worker has checked before is left to it. Raises likewise."""
    if not run.in_background:
        check_again(run, by=by, **said)
        return
    require_import(resource_for(run.kind), run.organization, by)
    with transaction.atomic():
        _say_anew(run, said.get("mapping"), said.get("table"), said.get("options"))
        queue(run, SheetRun.State.WAITING, by=by)


def _say_anew(run: SheetRun, mapping: dict[str, str] | None, table: int | None, options: dict[str, Any] | None) -> None:
    """Keep what a person said of a sheet that is still open."""
    with transaction.atomic():
        _require_open(SheetRun.objects.lean().select_for_update(of=("self",)).get(pk=run.pk))
        run.mapping = run.mapping if mapping is None else mapping
        run.table = run.table if table is None else table
        run.options = {**run.options, **(options or {})}
        run.save(update_fields=["mapping", "table", "options"])


def remembered_mapping(kind: str, organization: Organization) -> dict[str, str]:
    """What people said about headings in the organisation's applied sheets of the kind; the latest word counts."""
    mapping: dict[str, str] = {}
    runs = SheetRun.objects.filter(kind=kind, organization=organization, state__in=SheetRun.APPLIED)
    for said in runs.exclude(mapping={}).order_by("-pk")[:20].values_list("mapping", flat=True):
        mapping = {**said, **mapping}
    return {heading: name for heading, name in mapping.items() if not heading.startswith(COLUMN_MARK)}


def _require_open(run: SheetRun, state: str = SheetRun.State.CHECKED) -> None:
    if run.state != state:
        raise ValidationError(
            _("This sheet is no longer waiting: its state is “%(state)s”.") % {"state": run.get_state_display()}
        )


def count(run: SheetRun, found: Examination) -> None:
    """Set the run's counts; nothing is saved."""
    for name, count in found.counts.items():
        setattr(run, name, count)
    run.warnings = sum(found.level == WARNING for found in found.problems)


def ask_to_apply(run: SheetRun, *, by: Any, good_rows_only: bool = False) -> None:
    """Have the background worker apply a sheet it has checked. Raises ValidationError and PermissionDenied as
    `apply_run` does, as far as it can be told beforehand.
    """
    require_import(resource_for(run.kind), run.organization, by)
    with transaction.atomic():
        run = SheetRun.objects.lean().select_for_update(of=("self",)).get(pk=run.pk)
        _require_open(run)
        _require_no_errors(run.rejected, good_rows_only)
        run.good_rows_only = good_rows_only
        run.save(update_fields=["good_rows_only"])
        queue(run, SheetRun.State.APPLYING, by=by)


def _require_no_errors(rejected: int, good_rows_only: bool) -> None:
    if rejected and not good_rows_only:
        raise ValidationError(
            _("%(count)d rows have errors, so nothing was written. Correct them, or apply the good rows only.")
            % {"count": rejected}
        )


@transaction.atomic
def apply_run(
    run: SheetRun,
    *,
    by: Any,
    good_rows_only: bool = False,
    progress: Progress | None = None,
    wrote: Told | None = None,
    state: str = SheetRun.State.CHECKED,
) -> Examination:
    """Write a sheet: all of its rows or none, or with `good_rows_only` those without an error.

    Either everything that the returned examination counts as created and changed is committed, or nothing is; the
    run's state goes with it, so that a second attempt after a crash finds either none or all of it. `state` is the
    one the run must be in: the background worker applies what is APPLYING.

    Raises ValidationError where rows are rejected and `good_rows_only` is not set, or where the run is no longer
    open; PermissionDenied; SheetFileError.
    """
    lock_kind(run.kind)
    run = SheetRun.objects.lean().select_for_update(of=("self",)).select_related("organization").get(pk=run.pk)
    _require_open(run, state)
    found = examine_run(run, by=by, progress=progress, wrote=wrote)
    return apply_examined(run, found, by=by, good_rows_only=good_rows_only)


def apply_examined(run: SheetRun, found: Examination, *, by: Any, good_rows_only: bool = False) -> Examination:
    """The second half of `apply_run`, for an examination that was made in this transaction after `lock_kind`."""
    rejected = found.counts[Outcome.REJECTED.value]
    _require_no_errors(rejected, good_rows_only)
    if rejected and rejected == found.counts["rows"]:
        raise ValidationError(_("None of the rows can be written any more, so nothing was written."))
    journal = _write(run, found, by)
    count(run, found)
    run.state = run.written_state
    run.applied_at, run.applied_by = timezone.now(), by
    run.journal = journal.sealed() if can_be_undone(type(found.resource)) else None
    run.report, run.refusal_code, run.refusal = None, "", ""
    run.save()
    record("apply_sheet", run, by=by, organization=run.organization, details={"sheet": run.kind, **found.counts})
    return found


def _write(run: SheetRun, found: Examination, by: Any) -> Journal:
    writing = [row for row in found.rows if row.outcome in (Outcome.CREATED, Outcome.UPDATED)]
    changing = [row.existing.pk for row in writing if row.existing is not None]
    try:
        with transaction.atomic(), journalled(run.pk, type(found.resource), changing) as journal:
            found.resource.save(writing, by=by)
    except (IntegrityError, DataError) as error:
        raise ValidationError(
            _("The database refused the sheet and nothing was written: %(why)s") % {"why": _why(found.resource, error)}
        ) from error
    return journal


def ask_to_undo(run: SheetRun, *, by: Any) -> None:
    """Have the background worker take a sheet back. Raises ValidationError and PermissionDenied as `undo_run` does,
    as far as it can be told beforehand.
    """
    require_import(resource_for(run.kind), run.organization, by)
    with transaction.atomic():
        run = SheetRun.objects.lean().select_for_update(of=("self",)).get(pk=run.pk)
        _journal_of(run)
        queue(run, SheetRun.State.UNDOING, by=by)


def _journal_of(run: SheetRun, states: Sequence[str] = SheetRun.APPLIED) -> bytes:
    """What undoing a run needs that was written. Raises ValidationError."""
    if run.state not in states:
        raise ValidationError(_("Only a sheet that was written can be undone."))
    if run.journal is None:
        raise ValidationError(_("What this sheet wrote can no longer be told apart: it cannot be undone."))
    return bytes(run.journal)


@transaction.atomic
def undo_run(run: SheetRun, *, by: Any, state: str | None = None) -> tuple[int, int]:
    """Take back what a sheet wrote, as long as nothing has touched its rows since; see `undo`.

    Returns how many rows were removed and how many got their former values. The run's state goes with it; `state` is
    the one it must be in, where the background worker does it.
    Raises ValidationError, with the reason in words; PermissionDenied.
    """
    lock_kind(run.kind)
    run = SheetRun.objects.lean().select_for_update(of=("self",)).select_related("organization").get(pk=run.pk)
    resource = resource_for(run.kind)
    require_import(resource, run.organization, by)
    journal = Journal.unsealed(_journal_of(run, [state] if state else SheetRun.APPLIED))
    removed, restored = take_back(resource(Context(run.organization, by)), journal, by=by)
    run.state, run.journal, run.refusal_code, run.refusal = SheetRun.State.UNDONE, None, "", ""
    run.undone_at, run.undone_by = timezone.now(), by
    run.save()
    details = {"sheet": run.kind, "removed": removed, "restored": restored}
    record("undo_sheet", run, by=by, organization=run.organization, details=details)
    return removed, restored


def _why(resource: SheetResource, error: DatabaseError) -> str:
    """The message of the constraint that was broken, which the model states in a person's words."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    for constraint in resource.model._meta.constraints:
        if constraint.name == name:
            return str(constraint.violation_error_message)
    # The first line alone: what follows quotes the row.
    return name or masked_text(str(error).partition("\n")[0])


@transaction.atomic
def discard_run(run: SheetRun, *, by: Any) -> SheetRun:
    """Throw away a sheet that was not applied; its file is deleted. Raises ValidationError once it was applied."""
    run = SheetRun.objects.lean().select_for_update(of=("self",)).get(pk=run.pk)
    _require_open(run)
    require_import(resource_for(run.kind), run.organization, by)
    run.state, run.content, run.report = SheetRun.State.DISCARDED, None, None
    run.save()
    record("discard_sheet", run, by=by, organization=run.organization)
    return run


def forget_files(*, now: datetime.datetime | None = None) -> int:
    """Delete uploaded files older than ``SHEETS_KEEP_DAYS``, with what was found in them and what undoing needs;
    the runs stay. Returns how many.
    """
    before = (now or timezone.now()) - datetime.timedelta(days=settings.SHEETS_KEEP_DAYS)
    old = SheetRun.objects.filter(handed_in_at__lt=before).exclude(state__in=SheetRun.BUSY)
    old.exclude(report=None, journal=None).update(report=None, journal=None)
    return old.filter(content__isnull=False).update(content=None)
