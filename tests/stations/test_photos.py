"""Photos are stored without what a phone writes into them, and nothing but a picture is stored."""

from __future__ import annotations

import io
import random

import pytest
from django.core.exceptions import ValidationError
from PIL import Image, PngImagePlugin

from stations.photos import two_sizes

FORMATS = ["JPEG", "PNG", "WEBP"]


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options) -> io.BytesIO:
    file = io.BytesIO()
    Image.new(mode, size, 128).save(file, kind, **options)
    file.seek(0)
    return file


def phone_data() -> Image.Exif:
    exif = Image.Exif()
    exif[0x010F] = "示例手机".encode().decode("latin-1")
    exif[0x0112] = 6  # turned by a quarter
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (25.0, 2.0, 11.0)
    exif.get_ifd(0x8769)[0xA431] = "SERIAL-0001"
    return exif


def opened(file) -> Image.Image:
    return Image.open(io.BytesIO(file.read()))


@pytest.mark.parametrize("kind", FORMATS)
def test_the_position_and_serial_number_of_a_phone_are_stripped(kind):
    given = picture(kind, exif=phone_data())
    assert b"SERIAL-0001" in given.getvalue()
    for file in two_sizes(given):
        data = file.read()
        assert b"SERIAL-0001" not in data
        assert b"EXIF" not in data
        assert b"Exif" not in data
        assert not Image.open(io.BytesIO(data)).getexif()


def test_comments_of_a_png_are_stripped():
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Comment", "演示·13800000000")
    notes.add_itxt("XML:com.adobe.xmp", "<x>13800000000</x>")
    for file in two_sizes(picture("PNG", pnginfo=notes)):
        assert b"13800000000" not in file.read()


@pytest.mark.parametrize("kind", FORMATS)
def test_a_picture_taken_on_its_side_stands_upright(kind):
    large, _small = two_sizes(picture(kind, (640, 480), exif=phone_data()))
    assert opened(large).size == (480, 640)


def test_two_sizes_are_made_and_small_pictures_are_not_blown_up():
    large, small = two_sizes(picture(size=(4000, 3000)))
    assert opened(large).size == (1280, 960)
    assert opened(small).size == (400, 300)
    tiny, smaller = two_sizes(picture(size=(20, 10)))
    assert opened(tiny).size == opened(smaller).size == (20, 10)


def test_a_very_long_strip_keeps_a_width():
    large, small = two_sizes(picture(size=(8000, 2)))
    assert opened(large).size[1] >= 1
    assert opened(small).size[1] >= 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_every_kind_of_png_becomes_a_picture(mode):
    assert opened(two_sizes(picture("PNG", mode=mode))[0]).mode == "RGB"


def test_print_colours_become_screen_colours():
    assert opened(two_sizes(picture("JPEG", mode="CMYK"))[0]).mode == "RGB"


@pytest.mark.parametrize("size", [(7100, 7100), (10_000, 9_000), (20_000, 10_000)])
def test_a_picture_of_too_many_pixels_is_refused_before_it_is_unpacked(size):
    with pytest.raises(ValidationError, match=r"5000 ?万|50 million"):
        two_sizes(picture("PNG", size, mode="1"))


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a picture",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"<html><body>JPEG</body></html>",
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(/etc/passwd) (r) file\n",
        b"\xff\xd8\xff\xe0",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"PK\x03\x04",
    ],
)
def test_what_is_no_picture_is_refused(content):
    with pytest.raises(ValidationError):
        two_sizes(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "EPS", "PDF", "ICO"])
def test_other_formats_are_refused_whatever_the_library_can_open(kind):
    with pytest.raises(ValidationError):
        two_sizes(picture(kind))


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("kind", FORMATS)
def test_a_damaged_file_is_refused_in_words_never_with_an_error(kind):
    whole = picture(kind, exif=phone_data()).getvalue()
    chance = random.Random(530100)
    for cut in range(0, len(whole), max(1, len(whole) // 60)):
        _read_or_refuse(whole[:cut])
    for _round in range(150):
        damaged = bytearray(whole)
        for _byte in range(chance.randint(1, 6)):
            damaged[chance.randrange(len(damaged))] = chance.randrange(256)
        _read_or_refuse(bytes(damaged))


def _read_or_refuse(content: bytes) -> None:
    try:
        two_sizes(io.BytesIO(content))
    except ValidationError:
        pass


def test_file_names_are_new_and_tell_nothing():
    first, second = two_sizes(picture()), two_sizes(picture())
    names = {file.name for file in (*first, *second)}
    assert len(names) == 4
    assert all(name.endswith(".webp") for name in names)
