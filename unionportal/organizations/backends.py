"""Password log-in, and permissions from the roles that an account holds."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import check_password, make_password
from django.http import HttpRequest

from unionportal.organizations.models import Account, Organization
from unionportal.scope import is_scoped


def _writes_for_all(permission: str) -> bool:
    """Whether a permission is to write rows that no organisation owns (catalogues, divisions, holidays): everybody
    sees them, so the role has to be held at the federation itself.
    """
    app_label, codename = permission.split(".", 1)
    verb, _underscore, model_name = codename.rpartition("_")
    if verb not in ("add", "change", "delete"):
        return False
    try:
        return not is_scoped(apps.get_model(app_label, model_name))
    except LookupError:
        return False


class RoleBackend(BaseBackend):
    """``has_perm`` answers from `roles.py`; with an object it also asks whether the object is in reach."""

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Account | None:
        if not username or password is None:
            return None
        account = Account.objects.filter(username=username).first()
        if account is None:
            make_password(password)  # takes as long as a wrong password, so that names cannot be guessed
            return None
        right = check_password(password, account.password)
        return account if right and account.is_active else None

    def get_user(self, user_id: int) -> Account | None:
        return Account.objects.filter(pk=user_id, is_active=True).select_related("organization").first()

    def has_perm(self, user_obj: Any, perm: str, obj: Any = None) -> bool:
        if not isinstance(user_obj, Account) or not user_obj.is_active:
            return False
        if _writes_for_all(perm):
            return any(len(path) == Organization.steplen for path in user_obj.reach(perm))
        if obj is None or obj.pk is None:
            return user_obj.holds(perm)
        manager = type(obj)._default_manager
        if not hasattr(manager, "reached_by"):
            return user_obj.holds(perm)
        verb = perm.split(".", 1)[1].rsplit("_", 1)[0]
        rows = {"view": manager.visible_to, "change": manager.editable_by}.get(verb)
        reached = rows(user_obj) if rows else manager.all().reached_by(user_obj, verb)
        return reached.filter(pk=obj.pk).exists()

    def has_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return isinstance(user_obj, Account) and user_obj.is_active and user_obj.holds_any_in(app_label)
