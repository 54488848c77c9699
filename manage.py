#!/usr/bin/env python
"""Django's command line. Without ``DATABASE_URL`` it starts the embedded PostgreSQL first."""

import os
import sys

# Commands that need no database; the rest find it running.
WITHOUT_DATABASE = {"collectstatic", "compilemessages", "help", "makemessages", "stop", "version"}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unionportal.settings")
    from django.core.management import execute_from_command_line

    if needs_database(sys.argv[1:]):
        start_database()
    execute_from_command_line(sys.argv)


def needs_database(arguments: list[str]) -> bool:
    """Whether the command line names a command that reads the database."""
    asks_for_help = {"-h", "--help", "--version"} & set(arguments)
    return bool(arguments) and not asks_for_help and arguments[0] not in WITHOUT_DATABASE


def start_database() -> None:
    """Start the embedded server if the settings name it; end with one plain line if something forbids it."""
    from django.conf import settings
    from django.core.exceptions import ImproperlyConfigured

    from unionportal import postgres

    try:
        if postgres.is_embedded(settings.DATABASES["default"]):
            postgres.ensure_running()
    except (ImproperlyConfigured, postgres.EmbeddedPostgresError) as error:
        sys.exit(f"manage.py: {error}")


if __name__ == "__main__":
    main()
