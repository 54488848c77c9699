"""The portal on the bench's own database, with the plain views beside it, for gunicorn."""

from __future__ import annotations

import os

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.wsgi import get_wsgi_application


def application() -> WSGIHandler:
    """The application on the database that BENCH_DATABASE names."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unionportal.settings")
    settings.DATABASES["default"]["NAME"] = os.environ["BENCH_DATABASE"]
    settings.ROOT_URLCONF = "tests.bench.urls"
    settings.ALLOWED_HOSTS = ["127.0.0.1"]
    return get_wsgi_application()
