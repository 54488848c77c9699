"""Applications to join, and the notice and consent they rest on."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import lifecycle
from members.models.catalogues import OccupationGroup
from members.models.members import Member, by_number
from unionportal.organizations.models import Account, Division, Organization, Partner
from unionportal.privacy import EncryptedTextField, LookupHashField, mask_id_number, mask_phone
from unionportal.scope import ScopedQuerySet


class ConsentText(models.Model):
    """The notice an applicant is shown and agrees to, by version; a version in use never changes.

    Personal Information Protection Law arts 14, 17: who, purpose, kinds, retention, rights, and a new consent
    when these change.
    """

    version = models.CharField(_("version"), max_length=20, primary_key=True)
    notice = models.TextField(_("notice"))
    pledge = models.TextField(_("pledge of the application form"))
    in_force_from = models.DateField(_("in force from"))

    class Meta:
        ordering = ["-in_force_from"]
        get_latest_by = "in_force_from"
        verbose_name = _("notice and consent")
        verbose_name_plural = _("notices and consents")

    def __str__(self) -> str:
        return self.version


class ApplicationQuerySet(ScopedQuerySet["Application"]):
    def waiting(self) -> ApplicationQuerySet:
        """To be decided, oldest and overdue first."""
        return self.filter(state__in=lifecycle.WAITING).order_by("due_on", "submitted_at")

    def matching(self, text: str) -> ApplicationQuerySet:
        """By a part of the name, or by a whole ID number or phone, found through its hash."""
        return self.filter(models.Q(name__icontains=text.strip()) | by_number(text))

    def overdue(self) -> ApplicationQuerySet:
        return self.waiting().filter(state=lifecycle.ApplicationState.SUBMITTED, due_on__lt=timezone.localdate())


class Application(models.Model):
    """Somebody asks to join. Accepted, it becomes a member, or leads back to the member he already was."""

    class Channel(models.TextChoices):
        QR = "qr", _("Union's QR code")
        WEB = "web", _("Web page")
        STATION = "station", _("At a station")
        MOBILE = "mobile", _("Mobile desk")
        CLERK = "clerk", _("Entered by staff")
        FAIR = "fair", _("At an event")

    class RoutedBy(models.TextChoices):
        QR = "qr", _("the union's QR code")
        EMPLOYER = "employer", _("the employer's union")
        STREET = "street", _("the catch-all union of the street")
        FEDERATION = "federation", _("the federation, for want of a nearer union")
        STAFF = "staff", _("staff")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="applications", verbose_name=_("union"))
    state = models.CharField(
        _("state"),
        max_length=10,
        choices=lifecycle.ApplicationState,
        default=lifecycle.ApplicationState.SUBMITTED,
    )
    name = models.CharField(_("full name"), max_length=60)
    id_type = models.CharField(
        _("type of document"), max_length=20, choices=Member.IdType, default=Member.IdType.RESIDENT_ID
    )
    id_number = EncryptedTextField(_("ID number"), blank=True, default="")
    id_hash = LookupHashField(source="id_number", purpose="id_number")
    phone = EncryptedTextField(_("mobile phone"), blank=True, default="")
    phone_hash = LookupHashField(source="phone", purpose="phone")
    occupation_group = models.ForeignKey(
        OccupationGroup, models.PROTECT, null=True, blank=True, verbose_name=_("occupation group")
    )
    platform = models.ForeignKey(
        Partner, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("platform")
    )
    employer = models.ForeignKey(
        Partner, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("employer")
    )
    employer_name = models.CharField(_("employer as stated"), max_length=120, blank=True)
    division = models.ForeignKey(
        Division, models.PROTECT, null=True, blank=True, verbose_name=_("street where he works")
    )
    channel = models.CharField(_("channel"), max_length=8, choices=Channel, default=Channel.WEB)
    routed_by = models.CharField(_("routed by"), max_length=10, choices=RoutedBy)
    consent = models.ForeignKey(ConsentText, models.PROTECT, verbose_name=_("notice agreed to"))
    consented_at = models.DateTimeField(_("agreed at"))
    entered_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("entered by")
    )
    submitted_at = models.DateTimeField(_("submitted at"), default=timezone.now)
    due_on = models.DateField(_("to be decided by"))
    message = models.CharField(_("message to the applicant"), max_length=300, blank=True)
    decided_at = models.DateTimeField(_("decided at"), null=True, blank=True)
    decided_by = models.ForeignKey(
        Account, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("decided by")
    )
    member = models.ForeignKey(
        Member, models.PROTECT, null=True, blank=True, related_name="applications", verbose_name=_("member")
    )

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        ordering = ["-submitted_at"]
        verbose_name = _("application to join")
        verbose_name_plural = _("applications to join")
        constraints = [
            models.UniqueConstraint(
                fields=["id_type", "id_hash"],
                condition=models.Q(state__in=["submitted", "more_asked"]),
                name="application_one_open",
                violation_error_message=_("An application of this person is waiting already."),
            ),
            models.CheckConstraint(
                condition=models.Q(decided_at__isnull=True) | ~models.Q(state__in=["submitted", "more_asked"]),
                name="application_decided_at",
                violation_error_message=_("A waiting application has no decision yet."),
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=["refused", "more_asked"]) | ~models.Q(message=""),
                name="application_says_why",
                violation_error_message=_("Tell the applicant why."),
            ),
        ]
        indexes = [models.Index(fields=["organization", "state", "due_on"], name="application_queue")]

    def __str__(self) -> str:
        return self.name

    @property
    def masked_id_number(self) -> str:
        return mask_id_number(self.id_number) if self.id_number else ""

    @property
    def masked_phone(self) -> str:
        return mask_phone(self.phone) if self.phone else ""

    @property
    def is_overdue(self) -> bool:
        return self.state == lifecycle.ApplicationState.SUBMITTED and self.due_on < timezone.localdate()
