"""Cleaning a cell as a person would.

Each function returns the value and a list of codes from the catalogue in ``problems``. A code of level
"error" means that the cell was refused and the value is empty; a blank cell is empty without a code.
"""

from .blank import Codes, is_blank, marker_code
from .choices import PARTIAL, clean_yes_no
from .dates import clean_date
from .numbers import (
    SQUARE_METRES,
    Quantity,
    clean_digits,
    clean_integer,
    clean_number,
    parse_quantity,
)
from .text import as_text, clean_text

__all__ = [
    "PARTIAL",
    "SQUARE_METRES",
    "Codes",
    "Quantity",
    "as_text",
    "clean_date",
    "clean_digits",
    "clean_integer",
    "clean_number",
    "clean_text",
    "clean_yes_no",
    "is_blank",
    "marker_code",
    "parse_quantity",
]
