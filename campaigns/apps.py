from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CampaignsConfig(AppConfig):
    name = "campaigns"
    verbose_name = _("Campaigns")

    def ready(self) -> None:
        # permissions, resources: declare who may do what, and the sheet
        from campaigns import panels, permissions, resources, station_parts  # noqa: F401
        from campaigns.actions import give_back_places
        from members.actions import follows_ending

        panels.register()
        station_parts.register()
        follows_ending(give_back_places)
