"""Personal data: sealed columns, keyed hashes to look them up, masks to show them, and phone numbers.

A sealed value is text, "<key id>.<base64 of nonce, ciphertext and tag>": AES-256-GCM with the name of its
column as associated data, so that a ciphertext moved to another column does not open. New values use
`settings.PRIVACY_KEY_ID`; older keys of `settings.PRIVACY_KEYS` still open theirs. Look-up goes through
HMAC-SHA-256 under `settings.PRIVACY_HASH_KEY`. All keys are base64 of 32 bytes.

Personal Information Protection Law, article 51 (3): encryption and de-identification.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from operator import attrgetter
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django import forms
from django.conf import settings
from django.core.exceptions import FieldError, ImproperlyConfigured
from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.db.models.signals import pre_save
from django.utils.translation import gettext_lazy as _

from unionportal.codes import UNSEEN, CodeError

_NONCE_BYTES = 12
_KEY_BYTES = 32


class PrivacyError(Exception):
    """A sealed value does not open: changed, moved from another column, or sealed with an unknown key."""


@lru_cache(maxsize=16)
def _key(text: str, setting: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError, TypeError):
        raise ImproperlyConfigured(f"{setting} is not base64")
    if len(key) != _KEY_BYTES:
        raise ImproperlyConfigured(f"{setting} holds {len(key)} bytes instead of {_KEY_BYTES}")
    return key


def _cipher(key_id: str) -> AESGCM:
    return _cipher_of(_key(settings.PRIVACY_KEYS[key_id], f"PRIVACY_KEYS[{key_id!r}]"))


@lru_cache(maxsize=16)
def _cipher_of(key: bytes) -> AESGCM:
    return AESGCM(key)


def seal(value: str, context: str) -> str:
    """`value` encrypted for the column `context` ("app_label.model.field"). Two calls never agree."""
    return sealer(context)(value)


def sealer(context: str) -> Callable[[str], str]:
    """`seal` for many values of one column, with the key looked up once."""
    key_id = settings.PRIVACY_KEY_ID
    if key_id not in settings.PRIVACY_KEYS or "." in key_id:
        raise ImproperlyConfigured("PRIVACY_KEY_ID must name one of PRIVACY_KEYS, without a dot")
    encrypt, column, start = _cipher(key_id).encrypt, context.encode(), f"{key_id}."

    def seal_one(value: str) -> str:
        nonce = os.urandom(_NONCE_BYTES)
        return start + base64.b64encode(nonce + encrypt(nonce, value.encode(), column)).decode()

    return seal_one


def unseal(token: str, context: str) -> str:
    """The text inside `token`. Raises `PrivacyError` unless it was sealed for `context` with a known key."""
    key_id, dot, body = token.partition(".")
    if not dot or key_id not in settings.PRIVACY_KEYS:
        raise PrivacyError(f"{context}: not sealed with a known key")
    try:
        sealed = base64.b64decode(body, validate=True)
        opened = _cipher(key_id).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], context.encode())
    except (binascii.Error, ValueError, InvalidTag):
        raise PrivacyError(f"{context}: the value was changed or belongs to another column")
    return opened.decode()


def seal_bytes(value: bytes, context: str) -> bytes:
    """A file encrypted for the column `context`: key id, a dot, nonce and ciphertext."""
    key_id, nonce = settings.PRIVACY_KEY_ID, os.urandom(_NONCE_BYTES)
    return key_id.encode() + b"." + nonce + _cipher(key_id).encrypt(nonce, value, context.encode())


def unseal_bytes(sealed: bytes, context: str) -> bytes:
    """The file inside. Raises `PrivacyError` unless it was sealed for `context` with a known key."""
    dot = sealed.find(b".")
    key_id, body = sealed[: max(dot, 0)].decode(errors="replace"), memoryview(sealed)[dot + 1 :]
    if key_id not in settings.PRIVACY_KEYS:
        raise PrivacyError(f"{context}: not sealed with a known key")
    try:
        return _cipher(key_id).decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], context.encode())
    except (ValueError, InvalidTag):
        raise PrivacyError(f"{context}: the value was changed or belongs to another column")


def lookup_hash(value: str, purpose: str) -> str:
    """64 hex digits that find `value` again without opening anything.

    `value` must be normalised first. Equal values under two purposes ("resident_id", "phone") do not match,
    so one table cannot be joined to another by accident.
    """
    return lookup_hasher(purpose)(value)


def lookup_hasher(purpose: str) -> Callable[[str], str]:
    """`lookup_hash` for many values of one purpose, with the key prepared once."""
    prepared = hmac.new(_key(settings.PRIVACY_HASH_KEY, "PRIVACY_HASH_KEY"), f"{purpose}\0".encode(), hashlib.sha256)

    def hash_one(value: str) -> str:
        started = prepared.copy()
        started.update(value.encode())
        return started.hexdigest()

    return hash_one


class Sealed:
    """A value as read from the database, opened only by `str()`; what `values()` of a sealed column gives."""

    __slots__ = ("_context", "_token")

    def __init__(self, token: str, context: str) -> None:
        self._token = token
        self._context = context

    def __str__(self) -> str:
        return unseal(self._token, self._context)

    def __repr__(self) -> str:
        return f"<sealed {self._context}>"


class _OpenedOnRead(DeferredAttribute):
    """Opens a column at its first reading, so that a list which never shows it never decrypts it."""

    def __get__(self, instance: Any, cls: type | None = None) -> Any:
        value = super().__get__(instance, cls)
        if isinstance(value, Sealed):
            value = instance.__dict__[self.field.attname] = str(value)
        return value

    # With only __get__ Python would read the instance dictionary first and hand out a Sealed.
    def __set__(self, instance: Any, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class EncryptedTextField(models.TextField):
    """Text that the database only sees sealed. None stays NULL, "" stays "": neither holds personal data.

    `context` is "app_label.model.field" and travels with the field into migrations and history models.
    Renaming the model or field therefore shows in makemigrations: give the old name as `context`, or seal
    every row again. It cannot be filtered on: use a `LookupHashField`.
    """

    descriptor_class = _OpenedOnRead
    description = _("Encrypted text")

    def __init__(self, *args: Any, context: str | None = None, **kwargs: Any) -> None:
        self._context = context
        super().__init__(*args, **kwargs)

    @property
    def context(self) -> str:
        if self._context:
            return self._context
        return f"{self.model._meta.app_label}.{self.model._meta.model_name}.{self.name}"

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        if self._context or hasattr(self, "model"):
            kwargs["context"] = self.context
        return name, path, args, kwargs

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Sealed | str | None:
        return Sealed(value, self.context) if value else value

    def to_python(self, value: Any) -> Any:
        return value if value is None else str(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        if value is None or value == "" or hasattr(value, "as_sql"):
            return value
        return seal(str(value), self.context)

    def many_for_db(self) -> Callable[[Any], Any]:
        """`get_db_prep_save` for many values (see `unionportal.bulk`)."""
        seal_one = sealer(self.context)
        return lambda value: seal_one(str(value)) if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        # "df" is "is distinct from", which the triggers of the history ask of two sealed values.
        if lookup_name not in ("isnull", "df"):
            raise FieldError(f"{self.context} is encrypted: filter on its look-up hash")
        return super().get_lookup(lookup_name)

    def formfield(self, **kwargs: Any) -> Any:
        return super().formfield(**{"widget": forms.TextInput, "max_length": self.max_length, **kwargs})


class LookupHashField(models.CharField):
    """The keyed hash of a sibling field, set by every save and bulk_create; NULL where that is empty.

    `normalize` brings the sibling into the one form that is hashed. `QuerySet.update()` and `bulk_update()`
    pass it by: name both fields there.
    """

    def __init__(
        self,
        *args: Any,
        source: str,
        purpose: str,
        normalize: Callable[[str], str] | None = None,
        **kwargs: Any,
    ) -> None:
        self.source, self.purpose, self.normalize = source, purpose, normalize
        super().__init__(*args, **{"max_length": 64, "null": True, "blank": True, "editable": False} | kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs |= {"source": self.source, "purpose": self.purpose}
        if self.normalize:
            kwargs["normalize"] = self.normalize
        return name, path, args, kwargs

    def hash_of(self, value: Any) -> str | None:
        """What this column holds for `value`. Raises what `normalize` raises."""
        text = "" if value is None else str(value)
        if self.normalize and text:
            text = self.normalize(text)
        return lookup_hash(text, self.purpose) if text else None

    def many_before_save(self) -> Callable[[Any], str | None]:
        """`hash_of` for the source of many rows (see `unionportal.bulk`)."""
        hash_one, normalize = lookup_hasher(self.purpose), self.normalize or str
        source = attrgetter(self.source)

        def hash_of_row(row: Any) -> str | None:
            text = source(row)
            return hash_one(normalize(text)) if text else None

        return hash_of_row

    def pre_save(self, model_instance: models.Model, add: bool) -> str | None:
        hashed = self.hash_of(getattr(model_instance, self.source))
        setattr(model_instance, self.attname, hashed)
        return hashed

    def contribute_to_class(self, cls: Any, name: str, **kwargs: Any) -> None:  # type: ignore[override]
        super().contribute_to_class(cls, name, **kwargs)
        if not cls._meta.abstract:
            pre_save.connect(self._refuse_stale_hash, sender=cls)

    def _refuse_stale_hash(self, update_fields: frozenset[str] | None = None, **kwargs: Any) -> None:
        if update_fields and self.source in update_fields and self.name not in update_fields:
            raise ValueError(f"save(update_fields=…) with {self.source!r} must name {self.name!r} too")


# Masks


def mask_id_number(number: str) -> str:
    """`110105********002X`; any other document keeps its first and last character."""
    if len(number) == 18:
        return f"{number[:6]}{'*' * 8}{number[14:]}"
    return f"{number[0]}{'*' * (len(number) - 2)}{number[-1]}" if len(number) > 4 else "*" * len(number)


def mask_phone(phone: str) -> str:
    """`138****5678`; a landline keeps its area code and four digits."""
    if "-" in phone or len(phone) != 11:
        return mask_landline(phone)
    return f"{phone[:3]}****{phone[7:]}"


def mask_landline(phone: str) -> str:
    """`0371-****6331`, `010-****1234-***`; short numbers such as 12351 belong to nobody and stay."""
    if len(phone) <= 6:
        return phone
    area, local, extension = re.fullmatch(r"(0\d+-)?([^-]*)(-.*)?", phone).groups("")  # type: ignore[union-attr]
    return f"{area}{'*' * max(len(local) - 4, 0)}{local[-4:]}{'-***' if extension else ''}"


def mask_name(name: str) -> str:
    """`张*`, `张**`: the first character and a star for each other one."""
    return name[:1] + "*" * (len(name) - 1)


# Phone numbers


class PhoneError(CodeError):
    """A phone number that cannot be read; `code` is phone-format or phone-lost-digits."""


_MOBILE = re.compile(r"1[3-9]\d{9}")
# No network issues 100-0000-0000 and up: a demonstration may use it without ringing anybody.
_DEMO_MOBILE = re.compile(r"100\d{8}")
_SERVICE = re.compile(r"[48]00\d{7}|1[0-2]\d|1[02]\d{3}|9[56]\d{3,4}")
_LANDLINE = re.compile(
    r"(?P<area>010|02\d|0[3-9]\d{2})?-?(?P<local>[2-8]\d{6,7}|12\d{3})(?:(?:-|转|EXT\.?|X)(?P<ext>\d{1,6}))?"
)
# 0871-0000xxxx: no exchange begins with 0.
_DEMO_LANDLINE = re.compile(r"(?P<area>0\d{2,3})-?(?P<local>0000\d{4})(?P<ext>(?!))?")


def looks_like_mobile(text: str) -> bool:
    """Whether the compact text is a mainland mobile number (also 100…, if settings.DEMO_PHONE_NUMBERS)."""
    if _MOBILE.fullmatch(text):
        return True
    return bool(_DEMO_MOBILE.fullmatch(text) and getattr(settings, "DEMO_PHONE_NUMBERS", False))


def _compact_phone(value: object) -> str:
    text = unicodedata.normalize("NFKC", str(value)).upper()
    text = re.sub(r"[\u2010-\u2015\u2212ー_~]", "-", text)
    text = re.sub(rf"[\s'.·{UNSEEN}]", "", re.sub(r"\.0+$", "", text.strip()))
    # A bracketed area code is followed by its number: (0371)67956331.
    return re.sub(r"^\((\+?\d+)\)-?", r"\1-", text)


def normalize_phone(value: object) -> str:
    """One form for each number: `13800138000`, `0371-67956331`, `010-12345678-801`, `4001234567`, `12351`.

    Reads full-width digits, +86, blanks, hyphens, brackets, extensions, and the 13800138000.0 and the lost
    leading zero of numeric cells. Raises `PhoneError`: phone-format, phone-lost-digits.
    """
    text = _compact_phone(value)
    if re.fullmatch(r"\dE\+?\d+|\d+E\+\d+", text):
        raise PhoneError("phone-lost-digits", _("The spreadsheet rounded this phone number: format it as text."))
    # Abroad, an area code is written without its leading zero.
    text = re.sub(r"^(?:\+|00)86-?(1[3-9]\d-?|0)?", lambda found: found[1] or "0", text)
    digits = text.replace("-", "")
    for mobile in (digits, digits.removeprefix("0"), digits.removeprefix("86")):
        if looks_like_mobile(mobile):
            return mobile
    if _SERVICE.fullmatch(digits):
        return digits
    was_number = isinstance(value, int | float) or str(value).strip().endswith(".0")
    if was_number and re.fullmatch(r"[2-9]\d{9,10}|10\d{8}", digits):
        text = f"0{digits}"
    landline = _LANDLINE.fullmatch(text)
    if not landline and getattr(settings, "DEMO_PHONE_NUMBERS", False):
        landline = _DEMO_LANDLINE.fullmatch(text)
    if not landline:
        raise PhoneError("phone-format", _("This is not a mobile, landline or service number."))
    return "-".join(filter(None, landline.group("area", "local", "ext")))


def split_phones(value: object) -> list[str]:
    """The numbers of one cell, normalised, in order, without repeats; [] for an empty cell.

    A landline after another takes its area code: `0371-67956331、60223349`. Raises `PhoneError` if any part
    is not a number, so that nothing is silently dropped.
    """
    phones: list[str] = []
    area = ""
    for part in re.split(r"[;；、/|,，\n\r]|或", "" if value is None else str(value)):
        for piece in _pieces(part):
            phone = normalize_phone(piece)
            if re.fullmatch(r"[2-8]\d{6,7}(-\d+)?", phone) and area:
                phone = f"{area}-{phone}"
            area = phone.partition("-")[0] if phone.startswith("0") else area
            phones.append(phone)
    return list(dict.fromkeys(phones))


def _pieces(part: str) -> list[str]:
    """`part` as one number if it is one (138 0013 8000), else cut at its blanks."""
    if not part.strip():
        return []
    try:
        normalize_phone(part)
    except PhoneError:
        return part.split()
    return [part]
