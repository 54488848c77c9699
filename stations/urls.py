from django.urls import path

from stations import views

app_name = "stations"

urlpatterns = [
    path("", views.directory, name="home"),
    path("stations/", views.directory, name="directory"),
    path("stations/<slug:code>/", views.detail, name="detail"),
]
