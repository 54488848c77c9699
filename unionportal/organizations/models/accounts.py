"""Staff accounts and the roles they hold."""

from __future__ import annotations

from functools import cached_property
from typing import Any

import pghistory
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import _user_has_module_perms, _user_has_perm  # type: ignore[attr-defined]
from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from unionportal.organizations import roles
from unionportal.organizations.models.organizations import Organization
from unionportal.organizations.roles import Role
from unionportal.scope import ScopedQuerySet


class AccountQuerySet(ScopedQuerySet["Account"]):
    def active(self) -> AccountQuerySet:
        return self.filter(is_active=True)


class AccountManager(BaseUserManager["Account"].from_queryset(AccountQuerySet)):  # type: ignore[misc]
    def create_user(self, username: str, password: str | None = None, **fields: Any) -> Account:
        account = self.model(username=username, **fields)
        account.set_password(password)
        account.save()
        return account

    def create_superuser(self, username: str, password: str | None = None, **fields: Any) -> Account:
        """For ``manage.py createsuperuser``: the system administrator of the whole federation."""
        root = Organization.objects.filter(depth=1).first()
        if root is None:
            raise ValueError("Create the federation first: manage.py federation CODE NAME")
        account = self.create_user(username, password, organization=root, **fields)
        RoleAssignment.objects.create(account=account, role=Role.SYSTEM_ADMINISTRATOR, organization=root)
        return account


@pghistory.track(
    pghistory.InsertEvent(),
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    level=pghistory.Statement,
    exclude=["password", "last_login"],
)
class Account(AbstractBaseUser):
    """A person who works in the portal. What he may do comes from his roles alone."""

    username = models.CharField(
        _("user name"),
        max_length=60,
        unique=True,
        validators=[RegexValidator(r"^[\w.@+-]+$", _("Letters, digits and . @ + - _ only."))],
        error_messages={"unique": _("This user name is taken.")},
    )
    display_name = models.CharField(pgettext_lazy("person", "name"), max_length=60)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="accounts", verbose_name=_("organization")
    )
    is_active = models.BooleanField(_("active"), default=True)
    must_change_password = models.BooleanField(_("must change the password"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)

    objects = AccountManager()

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS = ["display_name"]

    class Meta:
        ordering = ["username"]
        verbose_name = _("account")
        verbose_name_plural = _("accounts")

    def __str__(self) -> str:
        return self.display_name or self.username

    # --- What the account may do -----------------------------------------------------------------------------

    @cached_property
    def held_roles(self) -> list[tuple[Role, str]]:
        """(role, path of the organisation it is held at), read once per request."""
        if not self.is_active:
            return []
        rows = self.role_assignments.values_list("role", "organization__path")
        return [(Role(role), path) for role, path in rows]

    def reach(self, permission: str) -> list[str]:
        """Path prefixes of the branches in which the account holds `permission`; keepers have no branch."""
        held = roles.holders(permission) & roles.BRANCH_ROLES
        return sorted({path for role, path in self.held_roles if role in held})

    def has_role(self, *wanted: Role) -> bool:
        return any(role in wanted for role, _path in self.held_roles)

    def holds(self, permission: str) -> bool:
        """Whether the account holds the permission anywhere."""
        return self.has_role(*roles.holders(permission))

    def holds_any_in(self, app_label: str) -> bool:
        return roles.has_module_permission({role for role, _path in self.held_roles}, app_label)

    # --- What Django's admin asks of a user ------------------------------------------------------------------

    @property
    def is_staff(self) -> bool:
        return self.is_active and bool(self.held_roles)

    @property
    def is_superuser(self) -> bool:
        """Nobody passes by the rules: a system administrator has a role like everyone."""
        return False

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return self.is_active and _user_has_perm(self, perm, obj)

    def has_perms(self, perm_list: list[str], obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_active and _user_has_module_perms(self, app_label)

    def get_full_name(self) -> str:
        return str(self)

    def get_short_name(self) -> str:
        return str(self)


class RoleAssignmentQuerySet(ScopedQuerySet["RoleAssignment"]):
    """A role belongs to the organisation it is held at: granting there needs reach there."""


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent(), level=pghistory.Statement)
class RoleAssignment(models.Model):
    """A role that an account holds at an organisation, and so in its branch."""

    account = models.ForeignKey(Account, models.CASCADE, related_name="role_assignments", verbose_name=_("account"))
    role = models.CharField(_("role"), max_length=24, choices=Role)
    organization = models.ForeignKey(
        Organization, models.PROTECT, related_name="role_assignments", verbose_name=_("at organization")
    )
    granted_at = models.DateTimeField(_("granted at"), default=timezone.now, editable=False)

    objects = RoleAssignmentQuerySet.as_manager()

    class Meta:
        ordering = ["account", "role"]
        verbose_name = _("role held")
        verbose_name_plural = _("roles held")
        constraints = [
            models.UniqueConstraint(
                fields=["account", "role", "organization"],
                name="role_held_once",
                violation_error_message=_("The account holds this role there already."),
            ),
            models.CheckConstraint(
                condition=models.Q(role__in=Role.values),
                name="role_known",
                violation_error_message=_("There is no such role."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} · {self.organization}"
