"""What can happen to a sheet that was handed in: checked, checked again with headings mapped, applied, discarded.

The preview and the application both read the file anew: what is written is decided on the database as it stands
at that moment, under a lock of all sheets of the kind, so that two clerks with overlapping files
follow one another and the second sees what the first has changed.
"""

from __future__ import annotations

import datetime
import hashlib
import io
import zlib
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import DatabaseError, DataError, IntegrityError, connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from unionportal.audit.actions import record
from unionportal.organizations.models import Organization
from unionportal.privacy import seal_bytes, unseal_bytes
from unionportal.sheets.examination import COLUMN_MARK, Examination, OpenedSheet, examine, open_sheet
from unionportal.sheets.models import SheetRun
from unionportal.sheets.problems import WARNING, Problem, SheetFileError, problem, refuse
from unionportal.sheets.resources import Context, Outcome, SheetResource, resource_for

_SEALED_FOR = "sheets.SheetRun.content"


def require_import(resource: type[SheetResource], organization: Organization, by: Any) -> None:
    """Raises PermissionDenied where `by` may not import this kind of sheet for the organisation."""
    permission = resource.permission("import")
    if by is not None and not any(organization.path.startswith(path) for path in by.reach(permission)):
        raise PermissionDenied(_("Your roles do not allow importing this sheet for %(name)s.") % {"name": organization})


def _context(run: SheetRun, by: Any) -> Context:
    return Context(run.organization, by, dict(run.options))


def _opening(run: SheetRun, by: Any) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments with which the run's file is read, for `open_sheet` and `examine`."""
    resource = resource_for(run.kind)
    require_import(resource, run.organization, by)
    if run.content is None:
        raise ValidationError(
            _("The file has been deleted after %(days)d days: hand it in again.") % {"days": settings.SHEETS_KEEP_DAYS}
        )
    content = io.BytesIO(unseal_bytes(bytes(run.content), _SEALED_FOR))
    return (content, run.filename, resource, _context(run, by)), {"table": run.table, "mapping": dict(run.mapping)}


def examine_run(run: SheetRun, *, by: Any) -> Examination:
    """Read the run's file as the database stands now. Nothing is written.

    Raises SheetFileError where the file cannot be used, PermissionDenied, ValidationError once it is deleted.
    """
    arguments, options = _opening(run, by)
    found = examine(*arguments, **options)
    found.file_problems += _applied_before(run)
    return found


def open_run(run: SheetRun, *, by: Any) -> OpenedSheet:
    """The run's file as far as its headings, for a person to say what they mean. Raises as `examine_run`."""
    arguments, options = _opening(run, by)
    return open_sheet(*arguments, **options)


def _applied_before(run: SheetRun) -> list[Problem]:
    earlier = SheetRun.objects.all().same_file(run).order_by("applied_at").last()
    if not run.is_open or earlier is None or not earlier.applied_at:
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
) -> tuple[SheetRun, Examination]:
    """Take a file in, keep it sealed, and say everything about it. Nothing of it is written yet.

    Raises PermissionDenied; SheetUnusable where it cannot be used, and then the run says so in the record.
    """
    require_import(resource_for(kind), organization, by)
    limit = settings.SHEETS_MAX_BYTES
    if len(content) > limit:
        raise refuse("file-too-large", size=round(len(content) / 1024**2), limit=limit // 1024**2)
    run = SheetRun(
        kind=kind,
        organization=organization,
        filename=filename[:200],
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        mapping=mapping or {},
        options=options or {},
        handed_in_by=by,
        content=seal_bytes(content, _SEALED_FOR),
    )
    run.save()
    try:
        return run, check_again(run, by=by)
    except SheetFileError as error:
        if error.problem.code not in MENDABLE:
            run.state, run.content = SheetRun.State.UNUSABLE, None
            run.save()
        raise SheetUnusable(error.problem, run) from error


def check_again(
    run: SheetRun,
    *,
    by: Any,
    mapping: dict[str, str] | None = None,
    table: int | None = None,
    options: dict[str, Any] | None = None,
) -> Examination:
    """Examine a run once more, with headings as a person has mapped them, another table of the file, or another
    choice such as the datum. What was said is kept also where the file cannot be used yet.

    What a person said about a heading is remembered for the organisation's next file of the kind.
    Raises as `examine_run`, and ValidationError where the run is no longer open.
    """
    with transaction.atomic():
        _require_open(SheetRun.objects.select_for_update(of=("self",)).get(pk=run.pk))
        run.mapping = run.mapping if mapping is None else mapping
        run.table = run.table if table is None else table
        run.options = {**run.options, **(options or {})}
        run.save(update_fields=["mapping", "table", "options"])
    found = examine_run(run, by=by)
    _count(run, found)
    # Somebody may have applied or discarded it meanwhile: then its counts are settled.
    SheetRun.objects.filter(pk=run.pk, state=SheetRun.State.CHECKED).update(
        **{name: getattr(run, name) for name in (*found.counts, "warnings")}
    )
    return found


def remembered_mapping(kind: str, organization: Organization) -> dict[str, str]:
    """What people said about headings in the organisation's applied sheets of the kind; the latest word counts."""
    mapping: dict[str, str] = {}
    runs = SheetRun.objects.filter(kind=kind, organization=organization, state__in=SheetRun.APPLIED)
    for said in runs.exclude(mapping={}).order_by("-pk")[:20].values_list("mapping", flat=True):
        mapping = {**said, **mapping}
    return {heading: name for heading, name in mapping.items() if not heading.startswith(COLUMN_MARK)}


def _require_open(run: SheetRun) -> None:
    if run.state != SheetRun.State.CHECKED:
        raise ValidationError(
            _("This sheet is no longer waiting: its state is “%(state)s”.") % {"state": run.get_state_display()}
        )


def _count(run: SheetRun, found: Examination) -> None:
    for name, count in found.counts.items():
        setattr(run, name, count)
    run.warnings = sum(found.level == WARNING for found in found.problems)


@transaction.atomic
def apply_run(run: SheetRun, *, by: Any, good_rows_only: bool = False) -> Examination:
    """Write a sheet: all of its rows or none, or with `good_rows_only` those without an error.

    Either everything that the returned examination counts as created and changed is committed, or nothing is.

    Raises ValidationError where rows are rejected and `good_rows_only` is not set, or where the run is no longer
    open; PermissionDenied; SheetFileError.
    """
    # One lock for the kind: a county's file and the city's may mean the same stations.
    lock = zlib.crc32(f"sheet {run.kind}".encode())
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [810_000, lock - 2**31])
    run = SheetRun.objects.select_for_update(of=("self",)).select_related("organization").get(pk=run.pk)
    _require_open(run)
    found = examine_run(run, by=by)
    rejected = found.counts[Outcome.REJECTED.value]
    if rejected and not good_rows_only:
        raise ValidationError(
            _("%(count)d rows have errors, so nothing was written. Correct them, or apply the good rows only.")
            % {"count": rejected}
        )
    writing = [row for row in found.rows if row.outcome in (Outcome.CREATED, Outcome.UPDATED)]
    try:
        with transaction.atomic():
            found.resource.save(writing, by=by)
    except (IntegrityError, DataError) as error:
        raise ValidationError(
            _("The database refused the sheet and nothing was written: %(why)s") % {"why": _why(found.resource, error)}
        ) from error
    _count(run, found)
    run.state = SheetRun.State.PARTLY_APPLIED if rejected else SheetRun.State.APPLIED
    run.applied_at, run.applied_by = timezone.now(), by
    run.save()
    record("apply_sheet", run, by=by, organization=run.organization, details={"sheet": run.kind, **found.counts})
    return found


def _why(resource: SheetResource, error: DatabaseError) -> str:
    """The message of the constraint that was broken, which the model states in a person's words."""
    name = getattr(getattr(error.__cause__, "diag", None), "constraint_name", "") or ""
    for constraint in resource.model._meta.constraints:
        if constraint.name == name:
            return str(constraint.violation_error_message)
    return name or str(error)


@transaction.atomic
def discard_run(run: SheetRun, *, by: Any) -> SheetRun:
    """Throw away a sheet that was not applied; its file is deleted. Raises ValidationError once it was applied."""
    run = SheetRun.objects.select_for_update(of=("self",)).get(pk=run.pk)
    _require_open(run)
    require_import(resource_for(run.kind), run.organization, by)
    run.state, run.content = SheetRun.State.DISCARDED, None
    run.save()
    record("discard_sheet", run, by=by, organization=run.organization)
    return run


def forget_files(*, now: datetime.datetime | None = None) -> int:
    """Delete uploaded files older than ``SHEETS_KEEP_DAYS``; the runs stay. Returns how many."""
    before = (now or timezone.now()) - datetime.timedelta(days=settings.SHEETS_KEEP_DAYS)
    return SheetRun.objects.filter(handed_in_at__lt=before, content__isnull=False).update(content=None)
