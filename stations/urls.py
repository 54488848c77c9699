from django.urls import path

from stations.views import directory

app_name = "stations"

urlpatterns = [
    path("", directory.directory, name="home"),
    path("stations/", directory.directory, name="directory"),
    path("stations/<slug:code>/", directory.detail, name="detail"),
]
