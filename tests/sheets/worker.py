"""A worker in a process of its own, for the tests that kill it: `python -m tests.sheets.worker DATABASE RUN`.

Not forked: the tests' process has threads of its own (a browser's, a live server's), and a lock that one of them holds
while the process forks is never released in the child.
"""

from __future__ import annotations

import sys

import django
from django.conf import settings
from django.db import connections

NAME = "worker-of-a-test"
"""The sessions of this process in `pg_stat_activity`."""


def main(database: str, run: str) -> None:
    django.setup()
    connections.settings["default"]["NAME"] = database
    connections.settings["default"]["OPTIONS"]["application_name"] = NAME
    settings.SHEETS_BACKGROUND_ROWS = 3
    from unionportal.sheets import background

    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    background.work_on(int(run))


if __name__ == "__main__":
    main(*sys.argv[1:])
