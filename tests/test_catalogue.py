"""The Chinese catalogue: complete, exact, compiled, and covering what third-party templates show to staff."""

from __future__ import annotations

import gettext
import re
from pathlib import Path

import polib
import pytest
import unfold
from django.utils import translation

from unionportal import catalogue
from unionportal.catalogue import Message, messages_below, messages_in_python, messages_in_template
from unionportal.organizations.roles import Role

_PLACEHOLDER = re.compile(r"%\(\w+\)[a-zA-Z]|%[sdrf]|\{\w*\}")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
# Signs, formats and names that are the same in Chinese.
_SAME = {"HTTP Accept"}


@pytest.fixture(scope="module")
def entries() -> dict[tuple[str, str], polib.POEntry]:
    return {(entry.msgctxt or "", entry.msgid): entry for entry in polib.pofile(str(catalogue.catalogue_path()))}


@pytest.fixture(scope="module")
def wanted() -> dict[Message, list[str]]:
    return catalogue.own_messages() | catalogue.third_party_messages()


def chinese_of(entry: polib.POEntry) -> str:
    return "".join(entry.msgstr_plural.values()) if entry.msgid_plural else entry.msgstr


def test_every_text_of_the_source_is_in_the_catalogue(entries, wanted):
    missing = [f"{users[0]}: {m.singular!r}" for m, users in wanted.items() if m.key not in entries]
    assert not missing, "run `make messages`:\n" + "\n".join(missing)


def test_the_catalogue_holds_no_text_that_the_source_has_dropped(entries, wanted):
    keys = {message.key for message in wanted}
    assert [msgid for context, msgid in entries if (context, msgid) not in keys] == []
    assert not [entry.msgid for entry in entries.values() if entry.obsolete]


def test_every_entry_is_translated_and_none_is_guessed(entries):
    lacking = [msgid for (_, msgid), entry in entries.items() if not catalogue.is_translated(entry)]
    assert not lacking, "without Chinese:\n" + "\n".join(lacking)


def test_every_translation_that_has_words_has_chinese_words(entries):
    english = [
        msgid
        for (_, msgid), entry in entries.items()
        if catalogue.is_translated(entry)
        and re.search(r"[A-Za-z]{2}", _PLACEHOLDER.sub("", msgid))
        and chinese_of(entry) == msgid
        and msgid not in _SAME
    ]
    assert not [text for text in english if " " in text]


def test_a_translation_keeps_the_placeholders_of_its_text(entries):
    wrong = []
    for (_, msgid), entry in entries.items():
        if not catalogue.is_translated(entry):
            continue
        held = set(_PLACEHOLDER.findall(chinese_of(entry)))
        allowed = set(_PLACEHOLDER.findall(msgid + entry.msgid_plural))
        # Chinese has one form, so it may leave out a placeholder that only the singular lacks, and no other.
        owed = set(_PLACEHOLDER.findall(msgid))
        if not owed <= held <= allowed:
            wrong.append(f"{msgid!r} -> {chinese_of(entry)!r}")
    assert not wrong, "\n".join(wrong)


def test_a_translation_begins_and_ends_with_the_line_breaks_of_its_text(entries):
    for (_, msgid), entry in entries.items():
        if catalogue.is_translated(entry):
            chinese = chinese_of(entry)
            assert chinese.startswith("\n") == msgid.startswith("\n"), msgid
            assert chinese.endswith("\n") == msgid.endswith("\n"), msgid


def test_the_compiled_catalogue_says_what_the_source_of_it_says(entries):
    with catalogue.catalogue_path().with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    for (context, msgid), entry in entries.items():
        if not catalogue.is_translated(entry):
            continue
        if entry.msgid_plural:
            said = compiled.ngettext(msgid, entry.msgid_plural, 2)
        else:
            said = compiled.pgettext(context, msgid) if context else compiled.gettext(msgid)
        assert said == chinese_of(entry), "run `make messages`"


def test_no_english_text_of_the_admin_theme_reaches_staff():
    messages = messages_below(Path(unfold.__file__).parent)
    assert len(messages) > 150, "the walk over the theme found too little to mean anything"
    english = []
    with translation.override("zh-hans"):
        for message in messages:
            if message.plural:
                said = translation.ngettext(message.singular, message.plural, 2)
            elif message.context:
                said = translation.pgettext(message.context, message.singular)
            else:
                said = translation.gettext(message.singular)
            if re.search("[A-Za-z]{3}", _PLACEHOLDER.sub("", message.singular)) and not _CHINESE.search(said):
                english.append(message.singular)
    assert set(english) <= {"URL", "RGB"}


# --- The collecting itself -----------------------------------------------------------------------------------


def test_texts_are_found_in_python_with_context_and_plural():
    source = (
        'a = _("Name of " "a station")\n'
        'b = ngettext_lazy("%(n)d row", "%(n)d rows", 3)\n'
        'c = translation.pgettext("of a map", "Layer")\n'
        "d = _(variable)\n"
        'e = other("not a text")\n'
    )
    assert set(messages_in_python(source)) == {
        Message("Name of a station"),
        Message("%(n)d row", "%(n)d rows"),
        Message("Layer", context="of a map"),
    }


def test_texts_are_found_in_templates_in_tags_filters_and_blocks():
    source = (
        '{% load i18n %}{% translate "Log out" %}{% trans "Layer" context "of a map" %}'
        '{% include "x.html" with title=_("It\'s here") %}{{ value|default:_("none") }}'
        "{% blocktranslate count n=rows trimmed %}\n {{ n }} row{% plural %}{{ n }} rows\n{% endblocktranslate %}"
        '{# translate "commented out" #}'
    )
    assert set(messages_in_template(source)) == {
        Message("Log out"),
        Message("Layer", context="of a map"),
        Message("It's here"),
        Message("none"),
        Message("%(n)s row", "%(n)s rows"),
    }


def test_a_changed_text_loses_its_translation_and_an_unchanged_one_keeps_it(tmp_path):
    path = tmp_path / "django.po"
    catalogue.update(path, {Message("Station"): ["a.py"], Message("Row"): ["a.py"]})
    written = polib.pofile(str(path))
    for entry in written:
        entry.msgstr = {"Station": "站点", "Row": "行"}[entry.msgid]
    catalogue.save(written, path)

    outcome = catalogue.update(path, {Message("Station"): ["a.py"], Message("Table row"): ["a.py"]})

    assert outcome.added == ["Table row"]
    assert outcome.removed == ["Row"]
    assert outcome.untranslated == ["Table row"]
    assert {entry.msgid: entry.msgstr for entry in polib.pofile(str(path))} == {"Station": "站点", "Table row": ""}
    assert not any(entry.fuzzy or entry.obsolete for entry in polib.pofile(str(path)))


def test_the_same_texts_make_the_same_file_byte_for_byte(tmp_path):
    path = tmp_path / "django.po"
    texts = {Message("Station"): ["b.py"], Message("%(n)d row", "%(n)d rows"): ["a.py"]}
    catalogue.update(path, texts)
    first = path.read_bytes(), path.with_suffix(".mo").read_bytes()
    catalogue.update(path, dict(reversed(texts.items())))
    assert (path.read_bytes(), path.with_suffix(".mo").read_bytes()) == first


def test_chinese_is_the_language_of_the_interface_from_the_start():
    assert str(Role.CLERK.label) == "经办员"
