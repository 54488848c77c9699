"""``manage.py serve``: the whole portal in the foreground, as in production but on one machine."""

from __future__ import annotations

import errno
import socket
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils.translation import gettext as _

from unionportal import postgres, supervision

RECORD = "serve.json"


class Command(BaseCommand):
    help = "Runs the web server and the background worker until Ctrl-C."
    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default 127.0.0.1)")
        parser.add_argument("--port", type=int, default=8000, help="port to listen on (default 8000)")

    def handle(self, *args: Any, host: str, port: int, **options: Any) -> None:
        record = postgres.data_dir() / RECORD
        if supervision.is_running(record):
            raise CommandError(_("This portal is already running; `make stop` ends it."))
        # Programs whose parent was killed would hold the port and compete for the jobs.
        supervision.stop_recorded(record)
        refuse_taken_port(host, port)
        self.stdout.write(_("Open %(address)s (Ctrl-C stops the portal)") % {"address": f"http://{host}:{port}/"})
        self.stdout.flush()
        # Ours is idle from here on, and would keep the embedded server from being stopped at the end.
        connection.close()
        ended = supervision.run_together(programs(host, port), record=record)
        if postgres.is_embedded(settings.DATABASES["default"]):
            postgres.stop(only_if_unused=True)
        if ended:
            raise CommandError(
                _("The %(program)s ended by itself, so all was stopped; the reason is above.") % {"program": ended}
            )
        self.stdout.write(_("Stopped."))


def programs(host: str, port: int) -> dict[str, list[str]]:
    """The programs of a portal by name; in production each runs in a container of its own."""
    gunicorn = ["-m", "gunicorn", "--config", "python:unionportal.gunicorn", "--bind", f"{host}:{port}"]
    worker = [str(Path(settings.BASE_DIR) / "manage.py"), "procrastinate", "worker"]
    worker += ["--shutdown-graceful-timeout", str(supervision.GRACE_SECONDS - 1)]
    return {
        "web server": [sys.executable, *gunicorn, "--chdir", str(settings.BASE_DIR)],
        "background worker": [sys.executable, *worker],
    }


def refuse_taken_port(host: str, port: int) -> None:
    """Raises CommandError if `host`:`port` cannot be listened on; gunicorn would retry for five seconds."""
    try:
        family, kind, protocol, _name, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except (OSError, OverflowError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise CommandError(
                _("Port %(port)s is in use. Take another one: make demo PORT=%(next)s")
                % {"port": port, "next": port + 1}
            )
        raise CommandError(
            _("Cannot listen on %(host)s:%(port)s: %(reason)s") % {"host": host, "port": port, "reason": error}
        )
