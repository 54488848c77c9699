"""The templates hunt their own faults: forms without a token, inline scripts, forgotten files, words not translated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent
TEMPLATES = sorted((BASE_DIR / "templates").rglob("*.html"))
SOURCES = [
    path
    for room in ("unionportal", "members", "stations", "bargaining", "campaigns")
    for path in (BASE_DIR / room).rglob("*.py")
]
# Public pages carry no token so that they can be cached; choosing a language changes nothing of value.
FORMS_WITHOUT_TOKEN = {"choose-language"}
# Django and Django's admin look these up by name.
LOOKED_UP_BY_DJANGO = {"403_csrf.html", "400.html", "403.html", "404.html", "500.html"}


def name_of(path: Path) -> str:
    return path.relative_to(BASE_DIR / "templates").as_posix()


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_form_that_posts_carries_a_token(path):
    for form in re.findall(r"<form\b.*?</form>", path.read_text("utf-8"), re.DOTALL | re.IGNORECASE):
        opening = form[: form.index(">")]
        if not re.search(r"method=[\"']?post", opening, re.IGNORECASE):
            continue
        if any(f"url '{name}'" in opening or f'url "{name}"' in opening for name in FORMS_WITHOUT_TOKEN):
            continue
        assert "csrf_token" in form, f"{name_of(path)}: {opening}"


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_template_has_inline_scripts_or_styles(path):
    """The content security policy of the public pages would block them; under the admin they would be a habit."""
    text = path.read_text("utf-8")
    assert not re.search(r"<script(?![^>]*\b(?:src|nonce)=)", text), "inline script"
    assert not re.search(r"\son(?:click|change|submit|load|input)\s*=", text), "inline handler"
    if "admin/" not in name_of(path):
        assert not re.search(r"\sstyle\s*=|<style", text), "inline style"


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_chinese_words_stand_in_the_catalogue_and_not_in_a_template(path):
    text = re.sub(r"{#.*?#}|{% comment %}.*?{% endcomment %}", "", path.read_text("utf-8"), flags=re.DOTALL)
    # The language switch names each language in itself; marks and separators are no words.
    words = [w for w in re.findall(r"[\u4e00-\u9fff]{2,}", text) if w not in ("简体中文", "中文")]
    assert not words, f"{name_of(path)}: {words[:5]}"


def test_every_template_is_used():
    everything = "\n".join(path.read_text("utf-8") for path in [*SOURCES, *TEMPLATES])
    unused = [
        name_of(path)
        for path in TEMPLATES
        if name_of(path) not in LOOKED_UP_BY_DJANGO
        and name_of(path) not in everything
        and not name_of(path).startswith(("admin/", "unfold/", "registration/"))
    ]
    assert not unused, unused
