"""Photos as they are stored: re-encoded as WebP in two sizes, turned upright, without EXIF data.

A phone writes its position and serial number into a picture; neither is the portal's to keep.
"""

from __future__ import annotations

import io
import secrets
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

LARGE = (1280, 1280)  # pixels
SMALL = (400, 300)
MAX_PIXELS = 50_000_000


def two_sizes(file: IO[bytes]) -> tuple[ContentFile, ContentFile]:
    """(large, small) WebP files of an uploaded picture. Raises ValidationError for what is no picture."""
    try:
        with Image.open(file) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise ValidationError(_("The picture is too large: 50 million pixels at most."))
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except (UnidentifiedImageError, OSError, Image.DecompressionBombError):
        raise ValidationError(_("This file is not a picture that can be read (JPEG, PNG or WebP)."))
    name = secrets.token_hex(8)
    return _webp(upright, LARGE, f"{name}.webp"), _webp(upright, SMALL, f"{name}-small.webp")


def _webp(picture: Image.Image, size: tuple[int, int], name: str) -> ContentFile:
    copy = picture.copy()
    copy.thumbnail(size)
    data = io.BytesIO()
    copy.save(data, "WEBP", quality=80)
    return ContentFile(data.getvalue(), name=name)
