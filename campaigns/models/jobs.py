"""Job posts as printed and as read, and members' interest in them."""

from __future__ import annotations

import pghistory
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from campaigns import lifecycle
from campaigns.models.campaigns import Campaign
from members.models import Member
from unionportal.figures import Qualifier
from unionportal.free_text import NoPersonalNumbers
from unionportal.names import identity_key
from unionportal.organizations.models import Account, Organization, Partner
from unionportal.scope import ScopedQuerySet


class JobPostQuerySet(ScopedQuerySet["JobPost"]):
    def public(self) -> JobPostQuerySet:
        """Posts of a fair that is public, and those apart from one."""
        return self.filter(models.Q(campaign=None) | models.Q(campaign__state__in=lifecycle.PUBLIC_CAMPAIGN))

    def open(self) -> JobPostQuerySet:
        return self.filter(state=lifecycle.PostState.OPEN)

    def matching(self, words: str) -> JobPostQuerySet:
        """Each word in the title, employer, place or requirements."""
        rows = self
        for word in words.split()[:6]:
            rows = rows.filter(
                models.Q(title__icontains=word)
                | models.Q(employer_name__icontains=word)
                | models.Q(employer__name__icontains=word)
                | models.Q(place__icontains=word)
                | models.Q(requirements__icontains=word)
            )
        return rows


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class JobPost(NoPersonalNumbers):
    """A post offered, at a fair or apart from one.

    What was printed ("200多名", "20至22元/小时") is kept and shown; beside it stands what could be read: `headcount`
    persons with a qualifier, pay in fen from `pay_from_fen` to `pay_to_fen` per `pay_per` (月, 小时, …).
    """

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="job_posts", verbose_name=_("union"))
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="job_posts", verbose_name=_("job fair")
    )
    employer = models.ForeignKey(
        Partner, models.PROTECT, null=True, blank=True, related_name="job_posts", verbose_name=_("employer")
    )
    employer_name = models.CharField(
        _("employer as printed"), max_length=120, blank=True, help_text=_("Where the employer is no partner on record.")
    )
    title = models.CharField(_("job title"), max_length=120)
    headcount_text = models.CharField(_("number wanted, as printed"), max_length=40, blank=True)
    headcount = models.PositiveIntegerField(_("number wanted"), null=True, blank=True, editable=False)
    headcount_qualifier = models.CharField(
        _("how exact"), max_length=8, choices=Qualifier, default=Qualifier.EXACT, editable=False
    )
    place = models.CharField(_("place of work"), max_length=200, blank=True)
    pay_text = models.CharField(_("pay, as printed"), max_length=120, blank=True)
    pay_from_fen = models.PositiveIntegerField(_("pay from, in fen"), null=True, blank=True, editable=False)
    pay_to_fen = models.PositiveIntegerField(_("pay up to, in fen"), null=True, blank=True, editable=False)
    pay_per = models.CharField(_("pay per"), max_length=8, blank=True, editable=False)
    requirements = models.TextField(_("requirements"), blank=True)
    sign_up_text = models.CharField(_("when to apply, as printed"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=200, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=lifecycle.PostState, default=lifecycle.PostState.OPEN, editable=False
    )
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    # What makes two rows the same post: employer and title, spelling apart.
    identity = models.CharField(max_length=420, editable=False)

    objects = JobPostQuerySet.as_manager()
    plain_texts = ("title", "employer_name", "place", "pay_text", "requirements", "sign_up_text", "source")

    class Meta:
        ordering = ["-created_at", "id"]
        verbose_name = _("job post")
        verbose_name_plural = _("job posts")
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(title="") & (models.Q(employer__isnull=False) | ~models.Q(employer_name="")),
                name="jobpost_says_who_and_what",
                violation_error_message=_("A post names the employer and the work."),
            ),
            models.CheckConstraint(
                condition=models.Q(pay_to_fen__isnull=True) | models.Q(pay_to_fen__gte=models.F("pay_from_fen")),
                name="jobpost_pay_range",
                violation_error_message=_("A range of pay goes from the smaller to the larger amount."),
            ),
            models.UniqueConstraint(
                fields=["organization", "identity"],
                condition=models.Q(state="open"),
                name="jobpost_open_once",
                violation_error_message=_("This employer's post is open here already."),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=lifecycle.PostState.values),
                name="jobpost_state_known",
                violation_error_message=_("There is no such state."),
            ),
        ]
        indexes = [models.Index(fields=["state", "created_at"], name="jobpost_state")]

    def __str__(self) -> str:
        return f"{self.employer_shown} · {self.title}"

    def save(self, *args: object, **kwargs: object) -> None:
        self.prepare()
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    def get_absolute_url(self) -> str:
        return reverse("campaigns:job", args=[self.pk])

    def prepare(self) -> None:
        """Work out the derived column. Bulk writers call it; `save` does too."""
        self.identity = f"{identity_key(self.employer_shown)}|{identity_key(self.title)}"[:420]

    @property
    def is_public(self) -> bool:
        return self.campaign is None or self.campaign.is_public

    @property
    def employer_shown(self) -> str:
        return self.employer.name if self.employer else self.employer_name


class JobInterestQuerySet(ScopedQuerySet["JobInterest"]):
    scope_path = "post__organization__path"

    def live(self) -> JobInterestQuerySet:
        return self.filter(state__in=lifecycle.LIVE_INTEREST)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class JobInterest(models.Model):
    """A member would like a post and agrees that the employer learns his name and phone number.

    Telling somebody else needs a consent of its own (Personal Information Protection Law art. 23): the words he
    agreed to stay with the row, with their version. Withdrawn, his number is shown to nobody any more.
    """

    post = models.ForeignKey(JobPost, models.PROTECT, related_name="interests", verbose_name=_("job post"))
    member = models.ForeignKey(Member, models.PROTECT, related_name="job_interests", verbose_name=_("member"))
    state = models.CharField(
        _("state"), max_length=10, choices=lifecycle.InterestState, default=lifecycle.InterestState.INTERESTED
    )
    consent_version = models.CharField(_("version of the consent"), max_length=20)
    consent_text = models.TextField(_("words agreed to"))
    consented_at = models.DateTimeField(_("agreed at"), default=timezone.now)
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    outcome_reason = models.CharField(_("reason"), max_length=200, blank=True)
    settled_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("written down by")
    )

    objects = JobInterestQuerySet.as_manager()

    class Meta:
        ordering = ["-consented_at", "-id"]
        verbose_name = _("interest in a job post")
        verbose_name_plural = _("interest in job posts")
        constraints = [
            models.UniqueConstraint(
                fields=["post", "member"],
                condition=~models.Q(state="withdrawn"),
                name="interest_once",
                violation_error_message=_("You have told your interest in this post already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(consent_version="") & ~models.Q(consent_text=""),
                name="interest_rests_on_consent",
                violation_error_message=_("Interest rests on a consent."),
            ),
            models.CheckConstraint(
                condition=models.Q(state="withdrawn", withdrawn_at__isnull=False)
                | (~models.Q(state="withdrawn") & models.Q(withdrawn_at=None)),
                name="interest_withdrawn_when",
                violation_error_message=_("A withdrawal has a time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.post}"

    @property
    def organization(self) -> Organization:
        return self.post.organization
