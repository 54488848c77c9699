"""What can happen to organisations and accounts. Views, the admin, imports and commands all come through here."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from axes.utils import reset as lift_lock_out
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection, transaction
from django.utils.translation import gettext as _

from unionportal.audit.actions import record
from unionportal.bulk import pieces
from unionportal.organizations.models import Account, Organization, RoleAssignment
from unionportal.organizations.roles import Role
from unionportal.scope import covers, require_editable

# One number for "somebody is changing the shape of the tree"; see lock_tree.
_TREE_LOCK = 810_000_001
# Unions written between two words on how far a list is.
TOLD_AFTER = 50


def lock_tree() -> None:
    """Make changes of the tree's shape wait for one another until the transaction ends.

    Adding below a node that is being moved would give the child a path that no longer exists. Reads do not wait.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_TREE_LOCK])


def next_code(parent: Organization | None, kind: str, division_id: str | None) -> str:
    """A free organisation code: the division's own for a federation or township union where it is free, else
    the parent's code with a running number of four digits.
    """
    territorial = {
        Organization.Kind.CITY_FEDERATION,
        Organization.Kind.COUNTY_FEDERATION,
        Organization.Kind.TOWNSHIP,
    }
    if division_id and kind in territorial and not Organization.objects.filter(code=division_id).exists():
        return division_id
    stem = parent.code if parent else (division_id or "UNION")
    taken = (
        Organization.objects.filter(code__regex=rf"^{stem}-\d{{4}}$").order_by("-code").values_list("code", flat=True)
    )
    last = taken.first()
    return f"{stem}-{int(last[-4:]) + 1 if last else 1:04d}"


@transaction.atomic
def add_organization(*, parent: Organization | None, by: Any, **fields: Any) -> Organization:
    """Add an organisation below `parent` (None: the root federation, of which there is one).

    Raises ValidationError for fields that break a rule, PermissionDenied where `parent` is out of reach.
    """
    return _add_below(parent, Organization(**fields), by=by)


def _add_below(parent: Organization | None, organization: Organization, *, by: Any) -> Organization:
    lock_tree()
    if parent is None and Organization.objects.filter(depth=1).exists():
        raise ValidationError(_("The federation at the root exists already: choose a superior organization."))
    if parent is not None:
        parent = Organization.objects.get(pk=parent.pk)
        if by is not None and not by.has_perm("organizations.change_organization", parent):
            raise PermissionDenied(_("%(name)s lies outside your branch.") % {"name": parent})
    organization.code = organization.code or next_code(parent, organization.kind, organization.division_id)
    organization.full_clean(exclude=["path", "depth", "numchild"])
    if parent is None:
        Organization.objects.add_root(instance=organization)
    else:
        Organization.objects.add_child(parent, instance=organization)
    record("add", organization, by=by, organization=organization)
    return organization


@dataclass
class OrganizationDraft:
    """An organisation as it shall be. A new one needs a `superior`, saved or new in the same call."""

    organization: Organization
    superior: Organization | None = None


@transaction.atomic
def save_organizations(
    drafts: Sequence[OrganizationDraft], *, by: Any, wrote: Callable[[int], None] | None = None
) -> list[Organization]:
    """Add and correct many organisations; superiors among the new ones are added first. Nobody is moved.

    `wrote` is told from time to time how many there are so far.
    Raises ValidationError for the first that breaks a rule, PermissionDenied where one is out of reach; nothing
    is written then.
    """
    told = wrote or (lambda count: None)
    waiting = [draft for draft in drafts if not draft.organization.pk]
    changed = [draft.organization for draft in drafts if draft.organization.pk]
    for done, piece in enumerate(pieces(changed, TOLD_AFTER)):
        change_organizations(piece, by=by)
        told(done * TOLD_AFTER + len(piece))
    written = len(changed)
    while waiting:
        ready = [draft for draft in waiting if draft.superior is not None and draft.superior.pk]
        if not ready:
            raise ValidationError(_("Some of the organizations have no superior that exists."))
        for draft in ready:
            _add_below(draft.superior, draft.organization, by=by)
            written += 1
            if written % TOLD_AFTER == 0 or written == len(drafts):
                told(written)
        waiting = [draft for draft in waiting if not draft.organization.pk]
    return [draft.organization for draft in drafts]


@transaction.atomic
def change_organizations(organizations: Iterable[Organization], *, by: Any) -> list[Organization]:
    """Save corrected fields of organisations (not their place in the tree).

    Raises ValidationError for the first that breaks a rule, PermissionDenied where one is out of reach.
    """
    changed = list(organizations)
    if by is not None:
        require_editable(Organization.objects.all(), [organization.pk for organization in changed], by)
    for organization in changed:
        organization.full_clean(exclude=["path", "depth", "numchild"])
        organization.save()
    return changed


@transaction.atomic
def move_organization(organization: Organization, *, to: Organization, by: Any) -> Organization:
    """Give a whole branch a new superior; codes, accounts and everything owned stay with it.

    The mover needs reach over both ends. Triggers log every node whose path changed; the move itself is one
    audit event with both superiors.

    Raises ValidationError where `to` lies inside the branch, PermissionDenied where either is out of reach.
    """
    lock_tree()
    organization = Organization.objects.get(pk=organization.pk)
    to = Organization.objects.get(pk=to.pk)
    for end in (organization, to):
        if not Organization.objects.all().reached_by(by, "move").filter(pk=end.pk).exists():
            raise PermissionDenied(_("%(name)s lies outside your branch.") % {"name": end})
    if organization.depth == 1 or to.path.startswith(organization.path):
        raise ValidationError(_("An organization cannot be placed below itself or below its own branch."))
    before = Organization.objects.get_parent(organization)
    if before == to:
        return organization
    Organization.objects.move(organization, to, pos="last-child")
    organization = Organization.objects.get(pk=organization.pk)
    record(
        "move",
        organization,
        by=by,
        organization=organization,
        details={"from": before.code, "from_name": before.name, "to": to.code, "to_name": to.name},
    )
    return organization


def _require_grantable(organization: Organization, by: Any) -> None:
    """An administrator grants and makes accounts inside his own branch only. `by` None: the command line."""
    if not covers(by, "organizations.add_account", organization):
        raise PermissionDenied(_("%(name)s lies outside your branch.") % {"name": organization})


def _require_manageable(account: Account, by: Any) -> None:
    """An account that holds a role above or beside the administrator's branch is not his to reset or close: with
    its password he would hold that role too.
    """
    for organization in [account.organization, *(held.organization for held in account.role_assignments.all())]:
        _require_grantable(organization, by)


def new_password() -> str:
    """A password that can be read out over the telephone: no letters that look alike."""
    alphabet = "abcdefghjkmnpqrstuvwxyz23456789"
    return "-".join("".join(secrets.choice(alphabet) for _ in range(4)) for _ in range(3))


@transaction.atomic
def open_account(
    *,
    username: str,
    display_name: str,
    organization: Organization,
    roles: Iterable[tuple[Role, Organization]] = (),
    password: str | None = None,
    by: Any,
) -> tuple[Account, str]:
    """Open a staff account and give it roles. Returns the account and its first password, which is shown once
    and has to be changed at the first log-in unless it was given.

    Raises PermissionDenied outside the administrator's branch, ValidationError for fields that break a rule.
    """
    _require_grantable(organization, by)
    account = Account(
        username=username,
        display_name=display_name,
        organization=organization,
        must_change_password=password is None,
    )
    password = password or new_password()
    validate_password(password, account)
    account.set_password(password)
    account.full_clean()
    account.save()
    record("open_account", account, by=by, organization=organization)
    for role, at in roles:
        grant_role(account, role=role, at=at, by=by)
    return account, password


@transaction.atomic
def grant_role(account: Account, *, role: Role, at: Organization, by: Any) -> RoleAssignment:
    """Let `account` hold `role` at an organisation. Holding it already changes nothing.

    Raises PermissionDenied where the account or the organisation is outside the administrator's branch.
    """
    _require_grantable(at, by)
    _require_grantable(account.organization, by)
    held, created = RoleAssignment.objects.get_or_create(account=account, role=role, organization=at)
    if created:
        record("grant_role", account, by=by, organization=at, details={"role": role, "at": at.code})
    return held


@transaction.atomic
def withdraw_role(held: RoleAssignment, *, by: Any) -> None:
    """Take a role away. Raises PermissionDenied outside the administrator's branch."""
    _require_grantable(held.organization, by)
    record(
        "withdraw_role",
        held.account,
        by=by,
        organization=held.organization,
        details={"role": held.role, "at": held.organization.code},
    )
    held.delete()


@transaction.atomic
def reset_password(account: Account, *, by: Any) -> str:
    """Give an account a new first password and end its sessions' validity. Returns the password, shown once.

    A lock-out of the name is lifted. Raises PermissionDenied where the account, or any role it holds, lies outside
    the administrator's branch.
    """
    _require_manageable(account, by)
    password = new_password()
    account.set_password(password)
    account.must_change_password = True
    account.save(update_fields=["password", "must_change_password"])
    lift_lock_out(username=account.username)
    record("reset_password", account, by=by)
    return password


@transaction.atomic
def close_account(account: Account, *, by: Any) -> None:
    """Make an account unusable; its history stays. Raises PermissionDenied outside the administrator's branch."""
    _require_manageable(account, by)
    account.is_active = False
    account.save(update_fields=["is_active"])
    record("close_account", account, by=by)


@transaction.atomic
def reopen_account(account: Account, *, by: Any) -> str:
    """Let a closed account log in again, with the roles it still holds and a new first password.

    Returns the password, shown once. Raises PermissionDenied outside the administrator's branch, as for closing;
    ValidationError for an account that is not closed.
    """
    account = Account.objects.select_for_update().get(pk=account.pk)
    _require_manageable(account, by)
    if account.is_active:
        raise ValidationError(_("This account is not closed."))
    account.is_active = True
    account.save(update_fields=["is_active"])
    record("reopen_account", account, by=by)
    return reset_password(account, by=by)
