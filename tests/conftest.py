"""What every test stands on: a database, a folder for uploads, and a browser that reports every fault."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "unionportal.settings")
# Playwright runs an event loop in the test's thread, beside the live server's database calls.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")

from django.conf import settings as django_settings
from django.db import connections

from tests import schema
from unionportal import postgres
from unionportal.public_version import forget_all

BASE_DIR = Path(__file__).resolve().parent.parent


def _start_database() -> None:
    """Before pytest-django makes the test database; any number of xdist workers may come here at once."""
    try:
        if postgres.is_embedded(django_settings.DATABASES["default"]):
            postgres.ensure_running()
    except postgres.EmbeddedPostgresError as error:
        pytest.exit(str(error), returncode=3)


_start_database()
# Django keeps one connection for code inside an event loop and another for code outside, and Playwright leaves its loop
# marked as running in the tests' thread: a test would set up on the one and be cut off on the other.
connections._connections = threading.local()  # type: ignore[assignment]


# --- Database -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> schema.Schema | None:
    """A test database is kept between runs (``--reuse-db``), so its name says which migrations made it."""
    database = connections.settings["default"]
    stamp = schema.stamp()
    base = f"test_{database['NAME']}"
    database["TEST"]["NAME"] = name = f"{database['TEST'].get('NAME') or base}_{stamp}"
    options = database["OPTIONS"].get("options", "")
    # A test database may be lost in a power cut.
    database["OPTIONS"]["options"] = f"{options} -c synchronous_commit=off".strip()
    if not postgres.is_embedded(database):
        return None
    schema.drop_outdated(base, stamp)
    kept = schema.Schema(stamp)
    kept.lay(name)
    return kept


@pytest.fixture(scope="session")
def django_db_setup(django_db_modify_db_settings: schema.Schema | None, django_db_setup: None) -> None:
    """pytest-django's own; the database it has migrated is kept for the next worker and the next run."""
    if django_db_modify_db_settings is not None:
        django_db_modify_db_settings.keep(connections.settings["default"]["TEST"]["NAME"])


# --- Files and passwords ------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def no_page_of_another_test() -> None:
    """A rolled back test leaves no row behind, so it may leave no page behind either."""
    forget_all()


@pytest.fixture(scope="session", autouse=True)
def _sandbox(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Uploads go to a temporary folder, passwords are hashed by something fast, and no client of a test reads all
    static files before its first request.
    """
    django_settings.WHITENOISE_AUTOREFRESH = True
    django_settings.MEDIA_ROOT = tmp_path_factory.mktemp("media")
    django_settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def no_event_loop() -> Iterator[None]:
    """A browser test that ran before leaves Playwright's event loop marked as running in this thread."""
    loop = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(loop)


# --- Browser ------------------------------------------------------------------------------------------------

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
NO_BROWSER = (
    "未找到 Chromium，无法运行浏览器测试；Debian 请执行 apt-get install chromium fonts-noto-cjk。"
    " No Chromium for the browser tests. On Debian: apt-get install chromium fonts-noto-cjk"
)


def find_chromium() -> str | None:
    """The browser of the machine; none is downloaded."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    return next((path for name in names if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    executable = find_chromium()
    if executable is None:
        if os.environ.get("PORTAL_REQUIRE_BROWSER") == "1":
            pytest.fail(NO_BROWSER, pytrace=False)
        pytest.skip(NO_BROWSER)
    return {**browser_type_launch_args, "executable_path": executable, "args": CHROMIUM_FLAGS}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    return {**browser_context_args, "locale": "zh-CN", "timezone_id": "Asia/Shanghai"}


@pytest.fixture
def page_faults() -> Iterator[list[str]]:
    """Console errors, script errors and failed requests of every page of the test; any one fails it.

    A test that provokes a fault clears the list afterwards: ``page_faults.clear()``.
    """
    faults: list[str] = []
    yield faults
    assert not faults, "faults reported by the browser:\n" + "\n".join(faults)


@pytest.fixture
def open_page(browser_type_launch_args: Any, new_context: Any, page_faults: list[str]) -> Callable[..., Any]:
    """``open_page(width, height, **context_options)``: a page in a context of its own, watched for faults."""

    def watched(width: int, height: int, **options: Any) -> Any:
        page = new_context(viewport={"width": width, "height": height}, **options).new_page()
        page.set_default_timeout(10_000)
        page.on("console", lambda said: page_faults.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: page_faults.append(str(error)))
        page.on("requestfailed", lambda request: _note_failure(request, page_faults))
        return page

    return watched


def _note_failure(request: Any, page_faults: list[str]) -> None:
    # A request that a click to another page cut short is no fault.
    if "ERR_ABORTED" not in (request.failure or ""):
        page_faults.append(f"{request.method} {request.url}: {request.failure}")


@pytest.fixture
def phone_page(open_page: Callable[..., Any]) -> Any:
    """A page as on a courier's phone, 390 x 844 CSS pixels, touch instead of a mouse."""
    return open_page(390, 844, is_mobile=True, has_touch=True, device_scale_factor=2)


@pytest.fixture
def desk_page(open_page: Callable[..., Any]) -> Any:
    """A page as on a clerk's desk, 1280 x 900 CSS pixels."""
    return open_page(1280, 900)


@pytest.fixture
def page(desk_page: Any) -> Any:
    return desk_page
