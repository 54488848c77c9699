"""Who reaches which rows: the one place where a row's owner is compared with a user's roles.

Every list, count, choice, export and import look-up of scoped data starts from one of two QuerySet verbs:

* ``visible_to(user)``: rows that the user may see;
* ``editable_by(user)``: rows that the user may change.

A role is held *at* an organisation and reaches its branch. The tree stores materialised paths, so a branch is a
prefix of the path, and no query climbs the tree. A user who holds no role reaches nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, cast

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.contrib.auth.models import AnonymousUser

_Row = TypeVar("_Row", bound=models.Model)


class Reaching(Protocol):
    """What the scope needs to know of a user: an Account, or the anonymous visitor."""

    @property
    def is_authenticated(self) -> bool: ...


def reach_of(user: Reaching | AnonymousUser, permission: str) -> list[str]:
    """Path prefixes of the branches in which `user` holds `permission` ("stations.change_station")."""
    return user.reach(permission) if hasattr(user, "reach") else []


def covers(user: Any, permission: str, organization: Any) -> bool:
    """Whether `user` (None: the portal itself) holds `permission` at the organisation or above it."""
    return user is None or any(organization.path.startswith(prefix) for prefix in reach_of(user, permission))


def within(prefixes: Iterable[str], path_field: str) -> models.Q:
    """A condition: the path named `path_field` lies in one of the branches. No branch: nothing matches."""
    condition = models.Q(pk__in=[])
    for prefix in prefixes:
        condition |= models.Q(**{f"{path_field}__startswith": prefix})
    return condition


class ScopedQuerySet(models.QuerySet[_Row]):
    """Base of every QuerySet whose rows belong to an organisation.

    `scope_path` names the way from the row to the owner's tree path.
    """

    scope_path = "organization__path"

    def reached_by(self, user: Reaching | AnonymousUser, verb: str) -> Self:
        """Rows in the branches where `user` holds the permission `verb` ("view", "change", …) on this model."""
        permission = f"{self.model._meta.app_label}.{verb}_{self.model._meta.model_name}"
        return self.filter(within(reach_of(user, permission), self.scope_path))

    def visible_to(self, user: Reaching | AnonymousUser) -> Self:
        return self.reached_by(user, "view")

    def editable_by(self, user: Reaching | AnonymousUser) -> Self:
        return self.reached_by(user, "change")


def is_scoped(model: type[models.Model]) -> bool:
    """Whether rows of this model have an owner, so that its manager offers ``visible_to``."""
    return hasattr(model._default_manager, "visible_to")


def visible(model: type[models.Model], user: Any) -> models.QuerySet[Any]:
    """All rows of a scoped model that `user` may see; of an unscoped one (catalogues) all rows."""
    manager = cast(Any, model._default_manager)
    return manager.visible_to(user) if is_scoped(model) else manager.all()


def require_editable(rows: models.QuerySet[Any], ids: Iterable[Any], user: Any) -> None:
    """Re-check around a write that every row in `ids` lies inside the writer's reach.

    A bulk write, or one that moved a row to another owner, is checked on what is now in the database; the caller
    stands inside a transaction, so that the refusal undoes the write.

    Raises PermissionDenied.
    """
    _refuse_beyond(cast(Any, rows).editable_by(user), ids)


def require_in_branch(rows: models.QuerySet[Any], ids: Iterable[Any], user: Any, verb: str) -> None:
    """The same for rows that were added or given to another owner: `user` must hold `verb` ("add", "change") in the
    branch that now owns them. That he keeps a row by name is not enough.

    Raises PermissionDenied.
    """
    permission = f"{rows.model._meta.app_label}.{verb}_{rows.model._meta.model_name}"
    _refuse_beyond(rows.filter(within(reach_of(user, permission), cast(Any, rows).scope_path)), ids)


def _refuse_beyond(reached: models.QuerySet[Any], ids: Iterable[Any]) -> None:
    wanted = set(ids)
    beyond = wanted - set(reached.filter(pk__in=wanted).values_list("pk", flat=True)) if wanted else wanted
    if beyond:
        raise PermissionDenied(
            _("%(count)d records lie outside the organisations you work for. Nothing was saved.")
            % {"count": len(beyond)}
        )
