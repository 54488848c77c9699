from django.urls import path

from bargaining import views

app_name = "bargaining"

urlpatterns = [
    path("", views.directory, name="directory"),
    path("<slug:code>/", views.agreement, name="agreement"),
]
