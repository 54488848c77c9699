from django.apps import AppConfig
from django.db.models.signals import post_delete, post_migrate, post_save
from django.utils.translation import gettext_lazy as _


class BargainingConfig(AppConfig):
    name = "bargaining"
    verbose_name = _("Bargaining")

    def ready(self) -> None:
        from bargaining import panels, permissions, resources  # noqa: F401  (declare who may do what, and the sheet)
        from bargaining.actions import recount_after_calendar
        from bargaining.reference import load_rule_sets
        from unionportal.organizations.models import CalendarDay, CalendarYear

        panels.register()
        for model in (CalendarDay, CalendarYear):
            post_save.connect(recount_after_calendar, sender=model, dispatch_uid=f"recount-{model.__name__}-saved")
            post_delete.connect(recount_after_calendar, sender=model, dispatch_uid=f"recount-{model.__name__}-gone")
        post_migrate.connect(load_rule_sets, sender=self, dispatch_uid="load-rule-sets")
