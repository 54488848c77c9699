from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class StationsConfig(AppConfig):
    name = "stations"
    verbose_name = _("Stations")

    def ready(self) -> None:
        from stations import panels, permissions, resources  # noqa: F401  (declare who may do what, and the sheet)
        from stations.reference import load_catalogues

        panels.register()
        post_migrate.connect(load_catalogues, sender=self, dispatch_uid="load-station-catalogues")
