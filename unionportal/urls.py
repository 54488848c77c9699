"""Addresses of the portal. Each app brings its own under its name; `/` is the courier's page of stations."""

from django.contrib import admin
from django.urls import include, path, re_path

from unionportal import views

urlpatterns = [
    # First, because most visitors come for them: an address is held against the patterns one after the other.
    path("", include("stations.urls")),
    path("healthz", views.healthz, name="healthz"),
    path("language/", views.choose_language, name="choose-language"),
    path("privacy/", views.privacy, name="privacy"),
    path("about/", views.about, name="about"),
    path("admin/", admin.site.urls),
    re_path(r"^media/(?P<path>stations/.+)$", views.public_media, name="public-media"),
    path("", include("members.urls")),
    path("agreements/", include("bargaining.urls")),
    path("", include("campaigns.urls")),
]

handler400 = "unionportal.views.bad_request"
handler403 = "unionportal.views.forbidden"
handler404 = "unionportal.views.not_found"
handler500 = "unionportal.views.server_error"
