"""How much a file may hold. Rows and columns are a little above what Excel can show of a list."""

from django.conf import settings

MAX_ROWS = 1_100_000
MAX_COLUMNS = 500


def max_bytes() -> int:
    """The largest file read, in bytes: setting ``SHEETS_MAX_BYTES``."""
    return getattr(settings, "SHEETS_MAX_BYTES", 50 * 1024**2)


def parse_seconds() -> int:
    """How long parsing may take, in seconds: setting ``SHEETS_PARSE_SECONDS``."""
    return getattr(settings, "SHEETS_PARSE_SECONDS", 120)
