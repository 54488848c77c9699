from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class TicketsConfig(AppConfig):
    name = "unionportal.tickets"
    verbose_name = _("Tickets")

    def ready(self) -> None:
        from unionportal.tickets import panels, permissions  # noqa: F401  (declares who may do what)

        panels.register()
