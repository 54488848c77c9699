"""The pages and the visits once more over HTTP: one client that keeps its connection, a server as `serve` runs it."""

from __future__ import annotations

import re
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from os import environ
from urllib.parse import urlencode

from django.conf import settings
from django.db import connection
from django.db.models import Sum

from stations.models import Station, VisitHour
from tests.bench import case, timed
from tests.bench.bench_stations import RAW, lay_the_nation

NATIONAL = 27.0  # visits a second: 2.31 million a day
ASKED, PAGES, VISITS = 200, 20, 300
_TOKEN = re.compile(rb'name="csrfmiddlewaretoken" value="(\w+)"')


class Visitor:
    """A browser with a connection and cookies that it keeps."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=60)
        self._cookies = SimpleCookie()

    def leave(self) -> None:
        self._connection.close()

    def ask(
        self, address: str, form: dict[str, str] | None = None, *, known: str = "", plain: bool = False
    ) -> tuple[int, str, bytes]:
        """Status, ETag and content of the answer; `known` is the ETag of the page already held."""
        headers = {"Accept-Encoding": "identity" if plain else "gzip", "If-None-Match": known}
        headers["Cookie"] = "; ".join(f"{name}={held.value}" for name, held in self._cookies.items())
        body = None if form is None else urlencode(form)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request("GET" if body is None else "POST", address, body, headers)
        response = self._connection.getresponse()
        content = response.read()
        for line in response.headers.get_all("Set-Cookie", []):
            self._cookies.load(line)
        return response.status, response.headers.get("ETag", ""), content


@contextmanager
def served() -> Iterator[Visitor]:
    """A visitor of the portal served by gunicorn, as configured for the demonstration and for production."""
    lay_the_nation()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", "python:unionportal.gunicorn", "--bind"]
    # A worker that ends itself after so many requests would be measured starting.
    command += [
        f"127.0.0.1:{port}",
        "--max-requests",
        "0",
        "--access-logfile",
        "/dev/null",
        "tests.bench.served:application()",
    ]
    own = {**environ, "BENCH_DATABASE": connection.settings_dict["NAME"]}
    server = subprocess.Popen(command, cwd=settings.BASE_DIR, env=own, stderr=subprocess.DEVNULL)
    try:
        visitor = _arrive(port, server)
        yield visitor
        visitor.leave()  # a worker waits for those who are still there
    finally:
        server.terminate()
        server.wait(timeout=30)


def _arrive(port: int, server: subprocess.Popen[bytes]) -> Visitor:
    """Raises AssertionError where nobody answers within a minute."""
    for _second in range(60):
        assert server.poll() is None, "the server ended"
        try:
            visitor = Visitor(port)
            if visitor.ask("/healthz")[0] == 200:
                return visitor
        except OSError:
            time.sleep(1)
    raise AssertionError("the server does not answer")


def rates(ours: Callable[[], object], against: Callable[[], object], count: int) -> tuple[float, float]:
    """Answers a second of both, asked in turns of a tenth, so that a busy machine slows both."""
    part = count // 10
    pairs = []
    for _turn in range(10):
        pairs.append([part / timed(lambda ask=ask: [ask() for _n in range(part)]) for ask in (ours, against)])
    return statistics.median(pair[0] for pair in pairs), statistics.median(pair[1] for pair in pairs)


@case("stations", "over HTTP: the list, 20 cards", RAW, at_most=False, unit="requests/s", rounds=1)
def list_page() -> tuple[float, float]:
    with served() as visitor:
        visitor.ask("/stations/")
        return rates(lambda: visitor.ask("/stations/"), lambda: visitor.ask("/floor/list/"), ASKED)


@case("stations", "over HTTP: the list, every page made anew", RAW, at_most=False, unit="requests/s", rounds=1)
def list_page_anew() -> tuple[float, float]:
    """Each page is asked for once, so none of them was made before."""
    with served() as visitor:
        visitor.ask("/stations/")
        ours, floor = (iter(range(1, PAGES + 1)) for _way in range(2))
        return rates(
            lambda: visitor.ask(f"/stations/?page={next(ours)}"),
            lambda: visitor.ask(f"/floor/list/?page={next(floor)}"),
            PAGES,
        )


@case(
    "stations",
    "over HTTP: the list asked again, unchanged (304)",
    "a view that makes one indexed query",
    at_most=False,
    unit="requests/s",
    rounds=1,
)
def conditional() -> tuple[float, float]:
    with served() as visitor:
        validator = visitor.ask("/stations/")[1]

        def again() -> None:
            nonlocal validator
            _status, validator, _content = visitor.ask("/stations/", known=validator)

        return rates(again, lambda: visitor.ask("/floor/row/"), ASKED)


@case(
    "stations",
    "over HTTP: visits, each a tap at a station's door",
    "the nation's 27 a second",
    at_most=False,
    unit="visits/s",
    rounds=1,
)
def visits() -> tuple[float, float]:
    with served() as visitor:
        doors = iter([f"/stations/{code}/visit/" for code in Station.objects.values_list("code", flat=True)[:VISITS]])
        _status, _validator, page = visitor.ask(f"/stations/{Station.objects.earliest('pk').code}/visit/", plain=True)
        [token] = _TOKEN.findall(page)

        def tap() -> None:
            status, _validator, _content = visitor.ask(next(doors), {"csrfmiddlewaretoken": token.decode()})
            assert status == 302, status

        before = counted()
        seconds = timed(lambda: [tap() for _visit in range(VISITS)])
        assert counted() - before == VISITS
    return VISITS / seconds, NATIONAL


def counted() -> int:
    return VisitHour.objects.aggregate(counted=Sum("count", default=0))["counted"]
