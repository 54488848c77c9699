"""The one settings file. Every value a federation may change is read from the environment (or from a file
`.env` beside manage.py) with django-environ; `.env.example` lists them all.

In production (``PORTAL_ENV=production``) a missing or weak secret stops the start: a portal that holds the ID
numbers of a city's couriers must not come up with a key that is printed in its source.
"""

import base64
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONCE, NONE, SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from unionportal import postgres

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
environ.Env.read_env(BASE_DIR / ".env")

PORTAL_ENV = env.str("PORTAL_ENV", default="development")
if PORTAL_ENV not in ("development", "production"):
    raise ImproperlyConfigured(f"PORTAL_ENV={PORTAL_ENV} is neither development nor production.")
PRODUCTION = PORTAL_ENV == "production"
DEBUG = env.bool("DEBUG", default=False)

# --- Secrets -------------------------------------------------------------------------------------------------

_DEVELOPMENT_SECRET = "development-only-" + "0" * 50
_DEVELOPMENT_KEY = base64.b64encode(b"development-only-key-32-bytes-00").decode()


def _secret(name: str, development: str, least: int) -> str:
    """The environment's `name`; in production at least `least` characters and never the development value."""
    value = env.str(name, default="" if PRODUCTION else development)
    if PRODUCTION and (len(value) < least or value == development or len(set(value)) < 12):
        raise ImproperlyConfigured(
            f"{name} is missing or weak. Production needs at least {least} random characters: "
            f"see .env.example for a command that makes one."
        )
    return value


SECRET_KEY = _secret("SECRET_KEY", _DEVELOPMENT_SECRET, 50)
# AES-256 keys by id, "k1:BASE64,k2:BASE64"; the current one writes, all of them read.
PRIVACY_KEYS = dict(
    pair.split(":", 1) for pair in _secret("PRIVACY_KEYS", f"k1:{_DEVELOPMENT_KEY}", 46).split(",") if ":" in pair
)
PRIVACY_KEY_ID = env.str("PRIVACY_KEY_ID", default=next(iter(PRIVACY_KEYS), "k1"))
PRIVACY_HASH_KEY = _secret("PRIVACY_HASH_KEY", _DEVELOPMENT_KEY, 40)
if PRIVACY_KEY_ID not in PRIVACY_KEYS:
    raise ImproperlyConfigured(f"PRIVACY_KEY_ID={PRIVACY_KEY_ID} is none of the ids in PRIVACY_KEYS.")


def _check_key(name: str, text: str) -> None:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is not Base64.")
    if len(key) != 32:
        raise ImproperlyConfigured(f"{name} is not 32 bytes in Base64.")
    if PRODUCTION and (text == _DEVELOPMENT_KEY or len(set(key)) < 12):
        raise ImproperlyConfigured(f"{name} is no random key: see .env.example for a command that makes one.")


_check_key("PRIVACY_HASH_KEY", PRIVACY_HASH_KEY)
for _key_id, _key in PRIVACY_KEYS.items():
    _check_key(f"PRIVACY_KEYS, key {_key_id},", _key)
if PRODUCTION and PRIVACY_HASH_KEY in PRIVACY_KEYS.values():
    raise ImproperlyConfigured("PRIVACY_HASH_KEY must differ from the keys in PRIVACY_KEYS.")

if PRODUCTION and DEBUG:
    raise ImproperlyConfigured("DEBUG must be off in production: its error pages print settings and data.")

# Numbers 100xxxxxxxx, which no network gives out, pass as mobile numbers: for demonstrations and tests only.
DEMO_PHONE_NUMBERS = env.bool("DEMO_PHONE_NUMBERS", default=not PRODUCTION)

# --- Where it runs -------------------------------------------------------------------------------------------

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[] if PRODUCTION else ["*"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
ROOT_URLCONF = "unionportal.urls"
WSGI_APPLICATION = "unionportal.wsgi.application"
# How many reverse proxies stand in front: the visitor's address is read that many places from the right.
PROXY_COUNT = env.int("PROXY_COUNT", default=1 if PRODUCTION else 0)

if env.str("DATABASE_URL", default=""):
    _database = env.db_url("DATABASE_URL", engine="django.db.backends.postgresql")
elif PRODUCTION:
    raise ImproperlyConfigured("DATABASE_URL is missing. The embedded PostgreSQL is not for production.")
else:
    _database = postgres.database_settings()
DATABASES = {
    "default": {
        **_database,
        "CONN_MAX_AGE": env.int("CONN_MAX_AGE", default=60),
        "CONN_HEALTH_CHECKS": True,
    }
}
DATABASES["default"].setdefault("OPTIONS", {})
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Apps ----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "unfold.apps.BasicAppConfig",
    "unfold.contrib.filters",
    "unfold.contrib.import_export",
    "unionportal.workplace_config.WorkplaceAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "treebeard",
    "pgtrigger",
    "pghistory",
    "procrastinate.contrib.django",
    "django_filters",
    "import_export",
    "django_htmx",
    "axes",
    "csp",
    "unionportal",
    "unionportal.audit",
    "unionportal.organizations",
    "unionportal.sheets",
    "unionportal.ledger",
    "unionportal.tickets",
    "unionportal.standards",
    "unionportal.targets",
    "members",
    "stations",
    "bargaining",
    "campaigns",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_permissions_policy.PermissionsPolicyMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "unionportal.middleware.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "unionportal.middleware.NullCharacterMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "unionportal.middleware.IdleTimeoutMiddleware",
    "unionportal.audit.middleware.HistoryContextMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    # Last, so that it sees a login that failed in any view.
    "axes.middleware.AxesMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "unionportal.context_processors.site",
            ],
        },
    }
]

# --- Accounts ------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "organizations.Account"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "unionportal.organizations.backends.RoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = reverse_lazy("admin:login")
LOGIN_REDIRECT_URL = reverse_lazy("admin:index")

# Lock-out by name and address together: a stranger cannot lock a clerk out from elsewhere.
AXES_FAILURE_LIMIT = env.int("LOGIN_FAILURE_LIMIT", default=5)
AXES_COOLOFF_TIME = env.int("LOGIN_LOCK_MINUTES", default=20) / 60
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_TEMPLATE = "locked.html"
AXES_RESET_ON_SUCCESS = True
AXES_CLIENT_IP_CALLABLE = "unionportal.audit.context.address_of"
AXES_SENSITIVE_PARAMETERS: list[str] = []
AXES_VERBOSE = False

IDLE_TIMEOUT_MINUTES = env.int("IDLE_TIMEOUT_MINUTES", default=30)
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
# Cybersecurity Law art. 21 (3): network logs are kept for at least six months.
LOG_RETENTION_DAYS = max(env.int("LOG_RETENTION_DAYS", default=183), 183)

# --- Security headers ----------------------------------------------------------------------------------------

SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXY_COUNT else None
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31536000 if PRODUCTION else 0)
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
LANGUAGE_COOKIE_SECURE = PRODUCTION
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY: dict[str, list[str] | str] = {
    "geolocation": "self",
    "camera": "self",
    "microphone": [],
    "payment": [],
    "usb": [],
}
CONTENT_SECURITY_POLICY: dict[str, dict[str, list[Any]]] = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}
# django-unfold's Alpine.js evaluates expressions and sets inline styles: allowed under the admin only.
ADMIN_CONTENT_SECURITY_POLICY = {
    "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
    "style-src": [SELF, UNSAFE_INLINE],
}

# --- Language and time ---------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "locale"]
USE_I18N = True
FORMAT_MODULE_PATH = "unionportal.formats"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- Files ---------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.str("MEDIA_ROOT", default="") or postgres.data_dir() / "media")
FILE_UPLOAD_PERMISSIONS = 0o640
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"
        if PRODUCTION
        else "django.contrib.staticfiles.storage.StaticFilesStorage"
    },
}
WHITENOISE_USE_FINDERS = not PRODUCTION
WHITENOISE_AUTOREFRESH = DEBUG
REFERENCE_DIR = BASE_DIR / "fixtures" / "reference"

# --- Sheets --------------------------------------------------------------------------------------------------

SHEETS_MAX_BYTES = env.int("SHEETS_MAX_MEGABYTES", default=50) * 1024 * 1024
SHEETS_KEEP_DAYS = env.int("SHEETS_KEEP_DAYS", default=90)
# Larger lists are read and written by the background worker, and the browser need not stay open.
SHEETS_BACKGROUND_ROWS = env.int("SHEETS_BACKGROUND_ROWS", default=2000)
SHEETS_BACKGROUND_BYTES = env.int("SHEETS_BACKGROUND_KILOBYTES", default=1024) * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
IMPORT_EXPORT_USE_TRANSACTIONS = True

# --- Short messages ------------------------------------------------------------------------------------------

# console: printed by the server; http: posted as JSON to SMS_URL (see unionportal/sms.py).
SMS_GATEWAY = env.str("SMS_GATEWAY", default="http" if PRODUCTION else "console")
SMS_URL = env.str("SMS_URL", default="")
SMS_TOKEN = env.str("SMS_TOKEN", default="")
if SMS_GATEWAY not in ("console", "http"):
    raise ImproperlyConfigured(f"SMS_GATEWAY={SMS_GATEWAY} is neither console nor http.")
# Writes the code on the page as well, for a demonstration on one machine; never in production.
SHOW_PHONE_CODES = not PRODUCTION and env.bool("SHOW_PHONE_CODES", default=True)

# --- The federation's own words ------------------------------------------------------------------------------

SITE_NAME = env.str("SITE_NAME", default="昆明市总工会（演示）")
SITE_ORGANIZER = env.str("SITE_ORGANIZER", default="昆明市总工会（演示）")
SITE_ADDRESS = env.str("SITE_ADDRESS", default="")
SITE_PHONE = env.str("SITE_PHONE", default="12351")
SITE_ICP = env.str("SITE_ICP", default="演示 ICP 备 00000000 号")
SITE_POLICE_RECORD = env.str("SITE_POLICE_RECORD", default="演示 公网安备 00000000000000 号")
SITE_POLICE_RECORD_URL = env.str("SITE_POLICE_RECORD_URL", default="")
# Box of the federation's territory in WGS-84 degrees: south, west, north, east. A point outside is a warning.
FEDERATION_BOX = tuple(env.list("FEDERATION_BOX", cast=float, default=[24.38, 102.17, 26.55, 103.67]))

# --- The map and open data -----------------------------------------------------------------------------------

# Tiles beneath the stations: an address with {z}, {x} and {y}, in WGS-84 / CGCS2000 (Tianditu). Empty: none.
MAP_TILE_URL = env.str("MAP_TILE_URL", default="")
# Shown on the map: the provider's name and its map review number, GS(...)... .
MAP_TILE_CREDIT = env.str("MAP_TILE_CREDIT", default="")
if MAP_TILE_URL:
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["img-src"].append("/".join(MAP_TILE_URL.split("/")[:3]))
# The terms under which others may use the open data; a name and the address of its text.
OPEN_DATA_LICENCE = env.str("OPEN_DATA_LICENCE", default="CC BY 4.0")
OPEN_DATA_LICENCE_URL = env.str("OPEN_DATA_LICENCE_URL", default="https://creativecommons.org/licenses/by/4.0/")

# --- Logs ----------------------------------------------------------------------------------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": env.str("LOG_LEVEL", default="WARNING")},
    "loggers": {"unionportal": {"level": env.str("LOG_LEVEL", default="INFO")}},
}

PGHISTORY_DEFAULT_TRACKERS = ()
PGHISTORY_APPEND_ONLY = True

UNFOLD = {
    "SITE_TITLE": _("Union Portal"),
    "SITE_HEADER": SITE_NAME,
    "SITE_SUBHEADER": _("Staff workplace"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "diversity_3",
    "SHOW_HISTORY": False,
    "SHOW_VIEW_ON_SITE": True,
    "BORDER_RADIUS": "6px",
    "COLORS": {
        "primary": {
            "50": "253 242 242",
            "100": "252 228 228",
            "200": "249 203 204",
            "300": "243 165 167",
            "400": "233 114 118",
            "500": "219 71 77",
            "600": "193 39 45",
            "700": "163 28 34",
            "800": "136 26 31",
            "900": "114 27 32",
            "950": "62 10 13",
        }
    },
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("icon.svg")}],
    "STYLES": [lambda request: static("admin_portal/workplace.css")],
    "DASHBOARD_CALLBACK": "unionportal.workplace.dashboard",
    "SIDEBAR": {"show_search": True, "navigation": "unionportal.workplace.navigation"},
}
