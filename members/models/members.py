"""Members of the union: one record for one person, whatever he does and wherever he goes."""

from __future__ import annotations

from typing import Any

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from members import lifecycle
from members.models.catalogues import OccupationGroup
from unionportal.names import initials, sort_key
from unionportal.organizations.models import Organization, Partner
from unionportal.privacy import EncryptedTextField, LookupHashField, lookup_hash, mask_id_number, mask_phone
from unionportal.scope import ScopedQuerySet

# Asking for a transfer is a member's own word: it gives no rights that he did not have before.
_FROM_RETAINED = {"state": "asked", "former_state": lifecycle.State.RETAINED}


def by_number(text: str) -> models.Q:
    """Rows whose ID number or phone is exactly `text`; nothing is decrypted, no part of a number finds a row."""
    compact = "".join(text.split()).upper()
    if len(compact) < 8:
        return models.Q(pk__in=[])
    return models.Q(id_hash=lookup_hash(compact, "id_number")) | models.Q(phone_hash=lookup_hash(compact, "phone"))


class MemberQuerySet(ScopedQuerySet["Member"]):
    def in_good_standing(self) -> MemberQuerySet:
        """Members with full rights: on the register, or being transferred (rights go on as they were meanwhile)."""
        coming_back = Transfer.objects.filter(**_FROM_RETAINED).values("member")
        return self.filter(state__in=lifecycle.FULL_RIGHTS).exclude(
            state=lifecycle.State.TRANSFERRING, pk__in=coming_back
        )

    def verified(self) -> MemberQuerySet:
        return self.filter(verification=Member.Verification.VERIFIED)

    def with_id_number(self, number: str, id_type: str = "resident_id") -> MemberQuerySet:
        """By the keyed hash; `number` is normalised first. Nothing is decrypted."""
        return self.filter(id_type=id_type, id_hash=Member._meta.get_field("id_hash").hash_of(number))

    def with_phone(self, phone: str) -> MemberQuerySet:
        return self.filter(phone_hash=Member._meta.get_field("phone_hash").hash_of(phone))

    def matching(self, text: str) -> MemberQuerySet:
        """By a part of the name, by pinyin initials, by card number, or by a whole ID number or phone."""
        text = text.strip()
        found = models.Q(name__icontains=text) | models.Q(card_number=text.upper()) | by_number(text)
        if text.isascii() and text.isalpha():
            found |= models.Q(initials__startswith=text.lower())
        return self.filter(found)

    def key_groups(self) -> MemberQuerySet:
        return self.filter(occupation_group__is_key_group=True)


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class Member(models.Model):
    """A person who is, was or is becoming a member.

    One person has one record: the keyed hash of the ID number is unique, so a second application or a row of a
    sheet meets the record that exists. ID number and phone are AES-256-GCM ciphertext; lists show masks.
    """

    class IdType(models.TextChoices):
        RESIDENT_ID = "resident_id", _("Resident identity card")
        HMT_RESIDENCE = "hmt_residence", _("Residence permit for Hong Kong, Macao and Taiwan residents")
        FOREIGN_RESIDENCE = "foreign_residence", _("Foreigner's permanent residence card")
        PASSPORT = "passport", _("Passport")
        OTHER = "other", _("Other document")

    class Gender(models.TextChoices):
        MALE = "M", _("Male")
        FEMALE = "F", _("Female")
        UNKNOWN = "", _("Not stated")

    class Verification(models.TextChoices):
        UNVERIFIED = "unverified", _("Not verified")
        VERIFIED = "verified", _("Verified")
        FAILED = "failed", _("Verification failed")

    class VerificationMethod(models.TextChoices):
        DOCUMENT_SEEN = "document_seen", _("Document seen by staff")
        UNION_REGISTER = "union_register", _("Checked against the union's register")
        EMPLOYER_LIST = "employer_list", _("Checked against the employer's list")
        EXTERNAL = "external", _("Checked by an outside service")
        NONE = "", _("None")

    class Household(models.TextChoices):
        URBAN = "urban", _("Urban")
        RURAL = "rural", _("Rural (migrant worker)")
        UNKNOWN = "", _("Not stated")

    organization = models.ForeignKey(Organization, models.PROTECT, related_name="members", verbose_name=_("union"))
    name = models.CharField(_("full name"), max_length=60)
    id_type = models.CharField(_("type of document"), max_length=20, choices=IdType, default=IdType.RESIDENT_ID)
    id_number = EncryptedTextField(_("ID number"), blank=True, default="")
    id_hash = LookupHashField(source="id_number", purpose="id_number")
    phone = EncryptedTextField(_("mobile phone"), blank=True, default="")
    phone_hash = LookupHashField(source="phone", purpose="phone")
    gender = models.CharField(_("gender"), max_length=1, choices=Gender, blank=True)
    birth_date = models.DateField(_("birth date"), null=True, blank=True)
    ethnic_group = models.CharField(_("ethnic group"), max_length=20, blank=True)
    household = models.CharField(_("household"), max_length=6, choices=Household, blank=True)
    occupation_group = models.ForeignKey(
        OccupationGroup, models.PROTECT, null=True, blank=True, verbose_name=_("occupation group")
    )
    platform = models.ForeignKey(
        Partner, models.SET_NULL, null=True, blank=True, related_name="platform_members", verbose_name=_("platform")
    )
    employer = models.ForeignKey(
        Partner, models.SET_NULL, null=True, blank=True, related_name="employed_members", verbose_name=_("employer")
    )
    employer_name = models.CharField(
        _("employer as stated"), max_length=120, blank=True, help_text=_("Where the employer is no partner on record.")
    )
    verification = models.CharField(
        _("real-name verification"), max_length=10, choices=Verification, default=Verification.UNVERIFIED
    )
    verification_method = models.CharField(_("verified by"), max_length=16, choices=VerificationMethod, blank=True)
    verified_on = models.DateField(_("verified on"), null=True, blank=True)
    state = models.CharField(_("membership"), max_length=12, choices=lifecycle.State, default=lifecycle.State.ACTIVE)
    state_reason = models.CharField(_("reason"), max_length=200, blank=True)
    joined_on = models.DateField(_("joined on"), null=True, blank=True)
    card_number = models.CharField(_("card number"), max_length=20, unique=True, null=True, blank=True)
    # People write numbers and circumstances into remarks.
    remarks = EncryptedTextField(_("remarks"), blank=True, default="")
    name_key = models.CharField(max_length=400, editable=False)
    initials = models.CharField(max_length=60, editable=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    updated_at = models.DateTimeField(_("updated at"), default=timezone.now, editable=False)

    objects = MemberQuerySet.as_manager()

    class Meta:
        ordering = ["name_key", "id"]
        verbose_name = _("member")
        verbose_name_plural = _("members")
        constraints = [
            models.UniqueConstraint(
                fields=["id_type", "id_hash"],
                name="member_id_number_once",
                violation_error_message=_("A member with this ID number is on record already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(name=""),
                name="member_has_name",
                violation_error_message=_("A member needs a name."),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=lifecycle.State.values),
                name="member_state_known",
                violation_error_message=_("There is no such state of membership."),
            ),
            models.CheckConstraint(
                condition=~models.Q(verification="verified")
                | (models.Q(verified_on__isnull=False) & ~models.Q(verification_method="")),
                name="member_verified_how_and_when",
                violation_error_message=_("A verification says how and when."),
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "state"], name="member_organization_state"),
            models.Index(fields=["phone_hash"], name="member_phone_hash"),
            models.Index(fields=["name_key", "id"], name="member_name_key"),
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="member_name_trgm"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.prepare()
        super().save(*args, **kwargs)

    def prepare(self) -> None:
        """Work out the derived columns. Bulk writers call it; `save` does too."""
        self.card_number = self.card_number or None
        self.name_key = sort_key(self.name)
        self.initials = initials(self.name)[:60]
        self.updated_at = timezone.now()

    @property
    def masked_id_number(self) -> str:
        """110105********002X"""
        return mask_id_number(self.id_number) if self.id_number else ""

    @property
    def masked_phone(self) -> str:
        """138****5678"""
        return mask_phone(self.phone) if self.phone else ""

    @property
    def has_full_rights(self) -> bool:
        """As `in_good_standing` says it for many; one more read for a member being transferred."""
        if self.state == lifecycle.State.TRANSFERRING:
            return not self.transfers.filter(**_FROM_RETAINED).exists()
        return self.state in lifecycle.FULL_RIGHTS


class MembershipSpell(models.Model):
    """A time during which a member belonged to one organisation; the last one is open-ended."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="spells", verbose_name=_("member"))
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="membership_spells", verbose_name=_("union")
    )
    from_day = models.DateField(_("from"))
    until_day = models.DateField(_("until (not included)"), null=True, blank=True)
    reason = models.CharField(_("how it began"), max_length=60, blank=True)

    class SpellQuerySet(ScopedQuerySet):  # type: ignore[type-arg]
        """Follows the member: who sees the member sees where he has been."""

        scope_path = "member__organization__path"

    objects = SpellQuerySet.as_manager()

    class Meta:
        ordering = ["member", "from_day", "id"]
        verbose_name = _("membership in a union")
        verbose_name_plural = _("memberships in unions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(until_day__isnull=True) | models.Q(until_day__gte=models.F("from_day")),
                name="spell_dates",
                violation_error_message=_("A membership cannot end before it begins."),
            ),
            ExclusionConstraint(
                name="spells_do_not_overlap",
                expressions=[
                    ("member", RangeOperators.EQUAL),
                    (models.Func("from_day", "until_day", function="daterange"), RangeOperators.OVERLAPS),
                ],
                violation_error_message=_("A member belongs to one union at a time."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organization} {self.from_day}–{self.until_day or ''}"


class Transfer(models.Model):
    """A member on the way from one union to another (一次入会、动态接转); both ends see it."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked for")
        ACCEPTED = "accepted", _("Accepted")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")

    member = models.ForeignKey(Member, models.CASCADE, related_name="transfers", verbose_name=_("member"))
    from_organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="+", verbose_name=pgettext_lazy("transfer", "from")
    )
    to_organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="incoming_transfers", verbose_name=pgettext_lazy("transfer", "to")
    )
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.ASKED)
    # What the member falls back to where the transfer comes to nothing.
    former_state = models.CharField(
        _("membership before"), max_length=12, choices=lifecycle.State, default=lifecycle.State.ACTIVE
    )
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    asked_at = models.DateTimeField(_("asked at"), default=timezone.now)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        "organizations.Account", models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("settled by")
    )

    class TransferQuerySet(ScopedQuerySet):  # type: ignore[type-arg]
        """The receiving union decides, so it owns the transfer; the other sees it through the member."""

        scope_path = "to_organization__path"

    objects = TransferQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        verbose_name = pgettext_lazy("membership", "transfer")
        verbose_name_plural = _("transfers")
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=models.Q(state="asked"),
                name="transfer_one_open",
                violation_error_message=_("A transfer of this member is open already."),
            ),
            models.CheckConstraint(
                condition=~models.Q(from_organization=models.F("to_organization")),
                name="transfer_goes_elsewhere",
                violation_error_message=_("A transfer leads to another union."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} → {self.to_organization}"
