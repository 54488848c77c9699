"""The ground floor."""

from __future__ import annotations

import psycopg
from django.conf import settings

from tests.bench import case, timed
from unionportal import postgres


@case("ground", "find the embedded server running", "a bare psycopg connection", bound=3.0)
def warm_start() -> tuple[float, float]:
    database = settings.DATABASES["default"]
    server = {"host": database["HOST"], "port": database["PORT"] or 5432, "user": database["USER"]}
    if database["PASSWORD"]:
        server["password"] = database["PASSWORD"]

    def connect() -> None:
        psycopg.connect(**server, dbname="postgres").close()

    return timed(postgres.ensure_running), timed(connect)
