from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class LedgerConfig(AppConfig):
    name = "unionportal.ledger"
    verbose_name = _("Ledger")

    def ready(self) -> None:
        from unionportal.ledger import permissions  # noqa: F401  (declares who may do what)
