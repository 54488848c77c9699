"""What a role may do, in the words of the interface."""

from __future__ import annotations

from collections import defaultdict

from django.apps import apps
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from unionportal.organizations.roles import Role, permissions_of

_VERBS = {
    "view": _("see"),
    "add": _("add"),
    "change": _("change"),
    "delete": _("delete"),
    "move": _("move"),
    "import": _("import sheets"),
    "export": _("export sheets"),
    "accept": _("accept"),
    "progress": _("carry on"),
    "suspend": _("suspend and resume"),
    "close": _("close"),
    "confirm": _("confirm"),
    "look": _("be shown personal data, with a purpose"),
    "transfer": _("transfer"),
    "expel": _("expel"),
    "publish": _("publish"),
    "announce": _("announce"),
    "attend": _("record attendance"),
    "redeem": _("redeem"),
    "screen": _("screen"),
    "check": _("check"),
    "record": pgettext_lazy("role", "record"),
    "report": pgettext_lazy("role", "report"),
    "answer": pgettext_lazy("role", "answer"),
    "refer": pgettext_lazy("role", "refer"),
    "dismiss": pgettext_lazy("role", "find untrue"),
    "decide": pgettext_lazy("role", "decide"),
    "approve": pgettext_lazy("role", "approve"),
    "select": pgettext_lazy("role", "select"),
    "withdraw": pgettext_lazy("role", "withdraw"),
    "verify": pgettext_lazy("role", "verify"),
    "pay": pgettext_lazy("role", "pay out"),
    "review": pgettext_lazy("role", "review"),
}


def role_rows(role: Role) -> list[tuple[str, list[str]]]:
    """(kind of record, verbs) of a role, in the order of the apps; verbs without a word appear as they are."""
    verbs: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for permission in permissions_of(role):
        app_label, codename = permission.split(".", 1)
        verb, model_name = codename.rsplit("_", 1)
        verbs[app_label, model_name].append(verb)
    order = list(_VERBS)
    return [
        (
            _name(*key),
            [
                str(_VERBS.get(verb, verb))
                for verb in sorted(found, key=lambda v: order.index(v) if v in order else len(order))
            ],
        )
        for key, found in sorted(verbs.items())
    ]


def _name(app_label: str, model_name: str) -> str:
    if (app_label, model_name) == ("audit", "history"):
        return str(_("History of changes"))
    try:
        return capfirst(str(apps.get_model(app_label, model_name)._meta.verbose_name))
    except LookupError:
        return model_name
