"""Photos of stations are public; every other upload is reached through its record or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

pytestmark = pytest.mark.django_db

SECRETS = ["bargaining/evidence/0f.pdf", "tickets/2026/11/door.webp", "sheets/list.xlsx", "secret.txt"]
WAYS = ["/media/{}", "/media/stations/../{}", "/media/stations/x/../../{}", "/media/stations/%2e%2e/{}"]


@pytest.fixture(autouse=True)
def files(settings: object, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]
    for name in [*SECRETS, "stations/door.webp", "stations/x/in.webp"]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"content")


def test_a_photo_of_a_station_is_public() -> None:
    assert settings.MEDIA_URL == "/media/"
    for name in ("stations/door.webp", "stations/x/in.webp"):
        answer = Client().get(f"/media/{name}")
        assert b"".join(answer.streaming_content) == b"content"


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize("way", WAYS)
def test_no_other_upload_has_an_address(way: str, secret: str) -> None:
    assert Client().get(way.format(secret)).status_code in (400, 404)


def test_a_folder_is_not_listed() -> None:
    assert Client().get("/media/stations/x/").status_code == 404
