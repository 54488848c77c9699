"""Photos as they are stored: re-encoded as WebP in two sizes, turned upright, without EXIF data.

A phone writes its position and serial number into a picture; neither is the portal's to keep.
"""

from __future__ import annotations

import io
import secrets
import struct
import zlib
from typing import IO

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.utils.translation import gettext as _
from PIL import ExifTags, Image, UnidentifiedImageError

LARGE = (1280, 1280)  # pixels
SMALL = (400, 300)
MAX_PIXELS = 50_000_000  # of a JPEG, which is decoded at a fraction of its size
MAX_PIXELS_WHOLE = 16_000_000  # of the others, which are decoded whole: 50 MB of memory
FORMATS = ("JPEG", "PNG", "WEBP")  # other decoders, that of EPS above all, are kept from uploads
# What the EXIF orientation asks for.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow raises on damaged files, by decoder.
_BROKEN = (UnidentifiedImageError, OSError, SyntaxError, ValueError, EOFError, struct.error, zlib.error)


def two_sizes(file: IO[bytes]) -> tuple[ContentFile, ContentFile]:
    """(large, small) WebP files of an uploaded picture. Raises ValidationError for what is no picture."""
    too_large = ValidationError(_("The picture is too large: 50 million pixels at most, 16 million unless a JPEG."))
    try:
        with Image.open(file, formats=FORMATS) as picture:
            most = MAX_PIXELS if picture.format == "JPEG" else MAX_PIXELS_WHOLE
            if picture.width * picture.height > most:
                raise too_large
            picture.draft("RGB", LARGE)  # a JPEG is decoded at a fraction of its size
            upright = _turned(picture).convert("RGB")
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_large
    except _BROKEN:
        raise ValidationError(_("This file is not a picture that can be read (JPEG, PNG or WebP)."))
    name = secrets.token_hex(8)
    upright.thumbnail(LARGE)
    small = upright.copy()
    small.thumbnail(SMALL)
    return _webp(upright, f"{name}.webp"), _webp(small, f"{name}-small.webp")


def _turned(picture: Image.Image) -> Image.Image:
    """The picture upright. ``ImageOps.exif_transpose`` writes EXIF data anew and stumbles over damaged ones."""
    try:
        turn = _TURNS.get(picture.getexif().get(ExifTags.Base.Orientation))
    except (*_BROKEN, TypeError):
        turn = None
    return picture.transpose(turn) if turn is not None else picture


def _webp(picture: Image.Image, name: str) -> ContentFile:
    picture.info.pop("exif", None)
    picture.info.pop("xmp", None)
    data = io.BytesIO()
    picture.save(data, "WEBP", quality=80)
    return ContentFile(data.getvalue(), name=name)
