"""What can happen to negotiations and agreements. Views, the admin, imports and commands all come through here."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.base import File
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bargaining import lifecycle
from bargaining.models import Agreement, Clause, Negotiation, StageCheck, Step, Topic, Vote
from bargaining.procedure import missing, next_due
from unionportal.audit.actions import record, record_look
from unionportal.bulk import create_in_pieces, update_in_pieces
from unionportal.figures import Figure, FigureError, parse_figure
from unionportal.organizations.models import Account
from unionportal.organizations.models.calendar import overrides
from unionportal.scope import require_editable
from unionportal.workdays import Overrides

# Columns that `save_agreements` may change on an agreement that exists.
WRITABLE = (
    "title",
    "kind",
    "level",
    "conclusion",
    "employer",
    "employer_name",
    "credit_code",
    "coverage",
    "firms_covered",
    "workers_covered",
    "signed_on",
    "term_from",
    "term_to",
    "handler",
    "handler_phone",
)
_DERIVED = ("identity", "name_key")


@dataclass
class Evidence:
    """What shows that a step happened: a description, a file, or both."""

    note: str = ""
    file: File[Any] | None = None


@dataclass
class Result:
    """What came of a topic: a `Topic.Outcome`, the wording agreed, and the figure in it as printed."""

    outcome: str
    text: str = ""
    figure: str = ""


@dataclass
class Draft:
    """The draft agreement: what it is called, whom it covers and from when to when (both days included)."""

    title: str
    term_from: datetime.date
    term_to: datetime.date
    kind: str = Agreement.Kind.WAGE
    coverage: str = ""
    firms_covered: int = 1
    workers_covered: int | None = None


@dataclass
class Count:
    """The count of a vote, in people; those present who neither agreed nor disagreed abstained."""

    body: str
    entitled: int
    present: int
    in_favour: int
    against: int
    abstained: int


# --- Steps ---------------------------------------------------------------------------------------------------


@transaction.atomic
def advance(
    negotiation: Negotiation,
    verb: str,
    *,
    by: Account | None,
    on: datetime.date,
    evidence: Evidence | None = None,
    received_on: datetime.date | None = None,
    papers: Sequence[str] = (),
) -> Negotiation:
    """Record that step `verb` of the transition table happened on the day `on`.

    For steps that bring more than evidence use the verbs below. Raises TransitionRefused from a state that does
    not allow it, PermissionDenied for who may not, ValidationError naming everything that is missing.
    """
    negotiation = Negotiation.objects.select_for_update().get(pk=negotiation.pk)
    return _advance(negotiation, verb, by, Step(on=on, received_on=received_on, papers=list(papers)), evidence)


def _advance(
    negotiation: Negotiation, verb: str, by: Account | None, step: Step, evidence: Evidence | None
) -> Negotiation:
    """Check and write one step of a negotiation that the caller has locked."""
    transition = lifecycle.LIFECYCLE.transition(negotiation.state, verb)
    if by is not None and not by.has_perm(transition.permission, negotiation):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": negotiation})
    evidence = evidence or Evidence()
    lacking = [
        *missing(negotiation, verb, step.on),
        *_wrong_dates(negotiation, step),
        *_missing_words(negotiation, verb, evidence, step.papers),
    ]
    if lacking:
        raise ValidationError(lacking)
    step.negotiation, step.verb, step.recorded_by, step.note = negotiation, verb, by, evidence.note.strip()
    if evidence.file is not None:
        step.file, step.file_name = evidence.file, (evidence.file.name or "")[-120:]
    step.save()
    before, negotiation.state = negotiation.state, transition.target
    _note_next_due(negotiation, overrides())
    negotiation.save()
    record(
        f"bargaining.{verb}",
        negotiation,
        by=by,
        details={"from": before, "to": negotiation.state, "on": step.on.isoformat()},
    )
    return negotiation


def _wrong_dates(negotiation: Negotiation, step: Step) -> Iterable[str]:
    if step.on > timezone.localdate() or (step.received_on or step.on) > timezone.localdate():
        yield _("A step is recorded when it has happened: the date lies in the future.")
    if step.received_on and step.received_on < step.on:
        yield _("Nothing is received before it was sent.")
    last = negotiation.steps.last()
    if last is not None and step.on < last.on:
        yield _("The step before was on %(day)s; this one cannot be earlier.") % {"day": last.on.isoformat()}


def _missing_words(negotiation: Negotiation, verb: str, evidence: Evidence, papers: Sequence[str]) -> Iterable[str]:
    if verb in lifecycle.NEED_REASON and not evidence.note.strip():
        yield _("Write down why.")
    if verb in lifecycle.NEED_EVIDENCE and not evidence.note.strip() and evidence.file is None:
        yield _("Add the evidence: a file, or a note of where it is kept.")
    if verb == "file":
        absent = [paper for paper in negotiation.rule_set.filing_papers if paper not in papers]
        if absent:
            yield _("Papers missing: %(papers)s.") % {"papers": "、".join(absent)}


@transaction.atomic
def hold_meeting(
    negotiation: Negotiation,
    *,
    by: Account | None,
    on: datetime.date,
    evidence: Evidence,
    results: Mapping[int, Result],
) -> Negotiation:
    """Record a meeting and what came of topics: topic id -> result. Topics left out stay as they are.

    Raises what `advance` raises, and ValidationError for a result without words or with an unreadable figure.
    """
    negotiation = Negotiation.objects.select_for_update().get(pk=negotiation.pk)
    _advance(negotiation, "meet", by, Step(on=on), evidence)
    for topic in negotiation.topics.filter(pk__in=results):
        result = results[topic.pk]
        topic.outcome, topic.result, topic.figure = result.outcome, result.text.strip(), result.figure.strip()
        _figure(topic.figure)
        topic.full_clean()
        topic.save()
    return negotiation


def _figure(text: str) -> Figure | None:
    """A topic's figure, None where it has none. Raises ValidationError."""
    try:
        return parse_figure(text) if text else None
    except FigureError as error:
        raise ValidationError(f"{text}: {error}") from error


@transaction.atomic
def agree_draft(
    negotiation: Negotiation, *, by: Account | None, on: datetime.date, evidence: Evidence, draft: Draft
) -> Agreement:
    """Both sides agree on a draft: the agreement is made, with a clause for every topic that was agreed.

    A draft agreed anew after a failed vote or an objection replaces its clauses. Raises what `advance` raises.
    """
    negotiation = Negotiation.objects.select_for_update().get(pk=negotiation.pk)
    _advance(negotiation, "draft", by, Step(on=on), evidence)
    employers = list(negotiation.employers.all())
    agreement = Agreement.objects.filter(negotiation=negotiation).first() or Agreement(negotiation=negotiation)
    agreement.organization, agreement.level = negotiation.organization, negotiation.level
    agreement.employer = employers[0] if len(employers) == 1 else None
    agreement.employer_name = "、".join(map(str, employers))[:200]
    agreement.credit_code = (agreement.employer.credit_code or "") if agreement.employer else ""
    agreement.conclusion = Agreement.Conclusion.RENEWAL if negotiation.is_renewal else Agreement.Conclusion.FIRST
    for name, value in vars(draft).items():
        setattr(agreement, name, value)
    if evidence.file is not None:
        agreement.document, agreement.document_name = evidence.file, (evidence.file.name or "")[-120:]
    agreement.full_clean()
    agreement.save()
    agreement.clauses.all().delete()
    for topic in negotiation.topics.filter(outcome__in=Topic.SETTLED_WELL):
        clause = Clause(agreement=agreement, subject=topic.subject, text=topic.result)
        if figure := _figure(topic.figure):
            clause.take(figure)
        clause.full_clean()
        clause.save()
    return agreement


@transaction.atomic
def record_vote(
    negotiation: Negotiation,
    *,
    by: Account | None,
    on: datetime.date,
    count: Count,
    evidence: Evidence | None = None,
    notified_on: datetime.date | None = None,
) -> Vote:
    """Record the vote on a draft; the rule set decides from the count whether it has passed.

    `notified_on` is the day the employer was told the result. Raises what `advance` raises, and ValidationError
    for numbers that do not add up.
    """
    negotiation = Negotiation.objects.select_for_update().get(pk=negotiation.pk)
    vote = Vote(negotiation=negotiation, held_on=on, **vars(count))
    rules = negotiation.rule_set
    vote.passed = rules.quorum_met(entitled=vote.entitled, present=vote.present) and rules.majority_met(
        entitled=vote.entitled, in_favour=vote.in_favour
    )
    vote.full_clean()
    verb = "pass_vote" if vote.passed else "fail_vote"
    _advance(negotiation, verb, by, Step(on=on, received_on=notified_on), evidence)
    vote.save()
    return vote


@transaction.atomic
def sign(negotiation: Negotiation, *, by: Account | None, on: datetime.date, evidence: Evidence) -> Agreement:
    """The chief representatives have signed. Raises what `advance` raises."""
    negotiation = advance(negotiation, "sign", by=by, on=on, evidence=evidence)
    agreement = negotiation.agreement
    agreement.signed_on = on
    if evidence.file is not None:
        # The file of the step has been read once; the agreement points to the same stored file.
        step = negotiation.steps.latest("pk")
        agreement.document, agreement.document_name = step.file.name, step.file_name
    agreement.save()
    return agreement


@transaction.atomic
def take_effect(
    negotiation: Negotiation, *, by: Account | None, on: datetime.date, evidence: Evidence | None = None
) -> Agreement:
    """The authority's time to object is over: the agreement is in force. Raises what `advance` raises."""
    negotiation = advance(negotiation, "take_effect", by=by, on=on, evidence=evidence)
    agreement = negotiation.agreement
    agreement.status = Agreement.Status.IN_FORCE
    agreement.save()
    return agreement


@transaction.atomic
def publish(
    negotiation: Negotiation, *, by: Account | None, on: datetime.date, evidence: Evidence | None = None
) -> Agreement:
    """Show the agreement to the public. Raises what `advance` raises."""
    negotiation = advance(negotiation, "publish", by=by, on=on, evidence=evidence)
    return _publish(negotiation.agreement, on)


def _publish(agreement: Agreement, on: datetime.date) -> Agreement:
    agreement.status, agreement.published_on = Agreement.Status.PUBLISHED, on
    agreement.save()
    return agreement


@transaction.atomic
def check_stage(
    negotiation: Negotiation, stage: str, *, by: Account, on: datetime.date, remark: str = ""
) -> StageCheck:
    """An adviser ticks off one of the six stages. Raises PermissionDenied, ValidationError."""
    if not by.has_perm("bargaining.check_negotiation", negotiation):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": negotiation})
    check = StageCheck(negotiation=negotiation, stage=stage, checked_on=on, checked_by=by, remark=remark.strip()[:200])
    check.full_clean()
    check.save()
    record("bargaining.check_stage", negotiation, by=by, details={"stage": stage})
    return check


# --- Deadlines in lists --------------------------------------------------------------------------------------


def _note_next_due(negotiation: Negotiation, days: Overrides) -> None:
    due = next_due(negotiation, days)
    negotiation.next_due_step = due.rule.name if due else ""
    negotiation.next_due_earliest = due.deadline.earliest if due and due.deadline else None
    negotiation.next_due_latest = due.deadline.latest if due and due.deadline else None


@transaction.atomic
def refresh_deadlines(negotiations: models.QuerySet[Negotiation] | None = None) -> int:
    """Count the next deadline of running negotiations anew, after a rule or the holiday table has changed.

    Returns how many negotiations were looked at.
    """
    rows = Negotiation.objects.running() if negotiations is None else negotiations
    days = overrides()
    found = list(rows.select_related("rule_set", "agreement").prefetch_related("steps", "rule_set__rules"))
    for negotiation in found:
        _note_next_due(negotiation, days)
    Negotiation.objects.bulk_update(found, ["next_due_step", "next_due_earliest", "next_due_latest"], batch_size=500)
    return len(found)


def recount_after_calendar(**signal: Any) -> None:
    """A holiday was entered, corrected or removed: deadlines that hang on it are counted anew on commit."""
    transaction.on_commit(refresh_deadlines)


# --- Agreements without a negotiation here -------------------------------------------------------------------


@transaction.atomic
def save_agreements(
    agreements: Sequence[Agreement], *, by: Account | None, wrote: Callable[[int], None] | None = None
) -> list[Agreement]:
    """Create and correct agreements, many at once: for the sheet and for forms.

    What the database refuses raises IntegrityError and nothing is written. Every saved row is checked to lie in
    the writer's reach (`by` None: the command line). `wrote` is told from time to time how many there are so far.
    Raises PermissionDenied, IntegrityError.
    """
    new = [agreement for agreement in agreements if agreement.pk is None]
    old = [agreement for agreement in agreements if agreement.pk is not None]
    if by is not None and old:
        require_editable(Agreement.objects.all(), [agreement.pk for agreement in old], by)
    for agreement in agreements:
        agreement.prepare()
    create_in_pieces(new, wrote)
    update_in_pieces(old, [*WRITABLE, *_DERIVED], wrote, done=len(new))
    if by is not None:
        require_editable(Agreement.objects.all(), [agreement.pk for agreement in agreements], by)
    return list(agreements)


@transaction.atomic
def publish_agreement(agreement: Agreement, *, by: Account) -> Agreement:
    """Show an agreement that was entered from a list. Raises PermissionDenied, ValidationError."""
    agreement = Agreement.objects.select_for_update().get(pk=agreement.pk)
    if not by.has_perm("bargaining.publish_agreement", agreement):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": agreement})
    if agreement.negotiation_id or agreement.status != Agreement.Status.IN_FORCE:
        raise ValidationError(
            _("“%(name)s” cannot be published here: it is not in force, or its negotiation publishes it.")
            % {"name": agreement}
        )
    record("bargaining.publish_agreement", agreement, by=by)
    return _publish(agreement, timezone.localdate())


@transaction.atomic
def show_handler_phone(agreement: Agreement, *, by: Account, purpose: str) -> str:
    """The handler's phone number whole; the look is written down with its purpose.

    Raises PermissionDenied for who may not change the agreement, ValidationError where no purpose is stated.
    """
    if not by.has_perm("bargaining.change_agreement", agreement):
        raise PermissionDenied(_("Your roles do not allow this at %(name)s.") % {"name": agreement})
    if not purpose.strip():
        raise ValidationError(_("State what you need the number for: the look is recorded."))
    record_look(agreement, "handler_phone", by=by, purpose=purpose)
    return agreement.handler_phone
