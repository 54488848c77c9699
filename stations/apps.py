from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class StationsConfig(AppConfig):
    name = "stations"
    verbose_name = _("Stations")

    def ready(self) -> None:
        # They declare who may do what, the sheet, and what waits on the staff's home.
        from stations import desk, keeping, panels, permissions, plans, rating, resources  # noqa: F401
        from stations.reference import load_catalogues

        panels.register()
        keeping.register()
        rating.register()
        plans.register()
        desk.register()
        post_migrate.connect(load_catalogues, sender=self, dispatch_uid="load-station-catalogues")
