"""The Chinese message catalogue: collected, kept in step and compiled without GNU gettext.

Collected are the literal arguments of gettext and its relatives in the project's Python and templates, and what the
installed third-party apps show without having Chinese for it themselves (django-unfold brings none at all).
"""

from __future__ import annotations

import ast
import gettext as plain_gettext
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import django
import polib
from django.apps import apps
from django.conf import settings
from django.utils.translation.template import templatize

LANGUAGE = "zh_Hans"
# Position of each argument that is a message: (context, singular, plural).
_FUNCTIONS: dict[str, tuple[int | None, int, int | None]] = {
    **dict.fromkeys(["_", "gettext", "gettext_lazy", "gettext_noop"], (None, 0, None)),
    **dict.fromkeys(["ngettext", "ngettext_lazy"], (None, 0, 1)),
    **dict.fromkeys(["pgettext", "pgettext_lazy"], (0, 1, None)),
    **dict.fromkeys(["npgettext", "npgettext_lazy"], (0, 1, 2)),
}
_STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_TEMPLATE_CALL = re.compile(
    rf"\b(_|n?p?gettext)\(\s*({_STRING})(?:\s*,\s*({_STRING}))?(?:\s*,\s*({_STRING}))?", re.DOTALL
)
_NOT_SHOWN = {"tests", "migrations", "locale", "node_modules"}


@dataclass(frozen=True)
class Message:
    """What one gettext call names; `context` and `plural` are empty where the call has none."""

    singular: str
    plural: str = ""
    context: str = ""

    @property
    def key(self) -> tuple[str, str]:
        return (self.context, self.singular)


@dataclass
class Outcome:
    """What `update` did to the catalogue: numbers of entries, and the msgids without Chinese."""

    total: int = 0
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    untranslated: list[str] = field(default_factory=list)


def catalogue_path() -> Path:
    """Where the project's catalogue lies; the compiled one beside it ends with .mo."""
    return Path(settings.LOCALE_PATHS[0]) / LANGUAGE / "LC_MESSAGES" / "django.po"


# --- Collecting ----------------------------------------------------------------------------------------------


def messages_in_python(source: str) -> Iterator[Message]:
    """Messages of the gettext calls in Python source. Calls without a literal are left out. Raises SyntaxError."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "id", None) or getattr(node.func, "attr", "")
        if name not in _FUNCTIONS:
            continue
        texts = [arg.value if isinstance(arg, ast.Constant) else None for arg in node.args]
        message = _message(name, texts)
        if message:
            yield message


def messages_in_template(source: str) -> Iterator[Message]:
    """Messages of the translate tags and of `_("…")` in a Django template."""
    for match in _TEMPLATE_CALL.finditer(templatize(source)):
        texts = [ast.literal_eval(text) if text else None for text in match.groups()[1:]]
        message = _message(match.group(1), texts)
        if message:
            yield message


def _message(function: str, texts: Sequence[object]) -> Message | None:
    picked = [texts[place] if place is not None and place < len(texts) else None for place in _FUNCTIONS[function]]
    context, singular, plural = (text if isinstance(text, str) else "" for text in picked)
    return Message(singular, plural, context) if singular else None


def messages_below(folder: Path) -> dict[Message, list[str]]:
    """All messages in the Python files and templates below a folder, with the files (relative) that use each."""
    found: dict[Message, list[str]] = {}
    for path in sorted(folder.rglob("*")):
        parts = path.relative_to(folder).parts
        if path.suffix not in {".py", ".html", ".txt"} or any(
            part in _NOT_SHOWN or part.startswith(".") for part in parts
        ):
            continue
        if path.suffix == ".py":
            read = messages_in_python
        elif "templates" in parts or folder.name == "templates":
            read = messages_in_template
        else:
            continue
        for message in read(path.read_text(encoding="utf-8")):
            users = found.setdefault(message, [])
            if (name := "/".join((folder.name, *parts))) not in users:
                users.append(name)
    return found


def own_messages() -> dict[Message, list[str]]:
    """The project's own messages: those of its apps and of its templates folder."""
    root = Path(settings.BASE_DIR)
    folders = {
        root / Path(config.path).resolve().relative_to(root).parts[0]
        for config in apps.get_app_configs()
        if _is_own(config.path)
    }
    folders.add(root / "templates")
    return _joined(messages_below(folder) for folder in sorted(folders) if folder.is_dir())


def third_party_messages() -> dict[Message, list[str]]:
    """Messages of the installed third-party apps that neither they nor Django have in Chinese."""
    found: dict[Message, list[str]] = {}
    for config in sorted(apps.get_app_configs(), key=lambda config: config.name):
        if _is_own(config.path) or config.name.startswith("django.contrib."):
            continue
        for message in messages_below(Path(config.path)):
            found.setdefault(message, [f"({config.name.partition('.')[0]})"])
    known = _foreign_keys()
    return {message: users for message, users in found.items() if message.key not in known}


def _is_own(path: str) -> bool:
    root = Path(settings.BASE_DIR).resolve()
    here = Path(path).resolve()
    return here.is_relative_to(root) and "site-packages" not in here.parts


def _joined(parts: Iterable[dict[Message, list[str]]]) -> dict[Message, list[str]]:
    joined: dict[Message, list[str]] = {}
    for part in parts:
        for message, users in part.items():
            joined.setdefault(message, []).extend(users)
    return joined


def _foreign_keys() -> set[tuple[str, str]]:
    """Keys of all messages that Django or an installed app has in simplified Chinese."""
    folders = [Path(django.__file__).parent / "conf" / "locale"]
    folders += [Path(config.path) / "locale" for config in apps.get_app_configs() if not _is_own(config.path)]
    keys = set()
    for folder in folders:
        compiled = folder / LANGUAGE / "LC_MESSAGES" / "django.mo"
        if not compiled.is_file():
            continue
        with compiled.open("rb") as file:
            catalogue = plain_gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
        for key, text in catalogue.items():
            singular = key[0] if isinstance(key, tuple) else key
            context, _, msgid = singular.rpartition("\x04")
            if text:
                keys.add((context, msgid))
    return keys


# --- Keeping the catalogue ------------------------------------------------------------------------------------


def update(path: Path, wanted: dict[Message, list[str]]) -> Outcome:
    """Bring the catalogue at `path` to exactly the `wanted` messages, keeping translations, and compile it.

    A message whose words changed is a new one: nothing is guessed, so no entry is ever fuzzy.
    """
    old = {_key(entry): entry for entry in polib.pofile(str(path))} if path.exists() else {}
    catalogue = polib.POFile(wrapwidth=110)
    catalogue.metadata = {
        "Project-Id-Version": "Union Portal",
        "Language": LANGUAGE,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=1; plural=0;",
    }
    outcome = Outcome()
    entries: dict[tuple[str, str], polib.POEntry] = {}
    for message, users in sorted(wanted.items(), key=lambda item: (item[1], item[0].key)):
        entry = entries.setdefault(message.key, polib.POEntry(msgid=message.singular))
        entry.msgctxt = message.context or None
        entry.occurrences = sorted({*entry.occurrences, *((user, "") for user in users)})
        if message.plural:
            entry.msgid_plural = message.plural
        if "%" in message.singular and "python-format" not in entry.flags:
            entry.flags.append("python-format")
    for key, entry in entries.items():
        _carry_over(entry, old.get(key))
        catalogue.append(entry)
        if key not in old:
            outcome.added.append(entry.msgid)
        if not is_translated(entry):
            outcome.untranslated.append(entry.msgid)
    outcome.removed = [entry.msgid for key, entry in old.items() if key not in entries]
    outcome.total = len(entries)
    save(catalogue, path)
    return outcome


def save(catalogue: polib.POFile, path: Path) -> None:
    """Write the catalogue and its compiled form; a reader sees the old file or the new one, never half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for target, write in ((path, catalogue.save), (path.with_suffix(".mo"), catalogue.save_as_mofile)):
        draft = target.with_name(f".{target.name}.new")
        write(str(draft))
        draft.replace(target)


def is_translated(entry: polib.POEntry) -> bool:
    """Whether the entry has Chinese in every form and is not marked as guessed."""
    texts = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
    return bool(texts) and all(texts) and not entry.fuzzy


def _key(entry: polib.POEntry) -> tuple[str, str]:
    return (entry.msgctxt or "", entry.msgid)


def _carry_over(entry: polib.POEntry, old: polib.POEntry | None) -> None:
    text = ""
    if old is not None and not old.obsolete and not old.fuzzy:
        text = old.msgstr or old.msgstr_plural.get(0, "")
    if entry.msgid_plural:
        entry.msgstr_plural = {0: text}
    else:
        entry.msgstr = text
