"""What every environment shares. Nothing here is secret and nothing here is loosened elsewhere."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog
from csp.constants import NONE, SELF

from config import env
from config.logs import hide_secret_addresses

BASE_DIR = Path(__file__).resolve().parent.parent.parent
VAR_DIR = BASE_DIR / "var"

INTERLOCK_DEMO = env.flag("INTERLOCK_DEMO", False)

CONTEXTS = (
    "apps.core",
    "apps.evidence",
    "apps.console",
    "apps.accounts",
    "apps.approvals",
    "apps.inventory",
    "apps.windows",
    "apps.changes",
    "apps.gates",
    "apps.releases",
    "apps.notifications",
    "apps.integrations",
    "apps.audit",
    "apps.portal",
)

INSTALLED_APPS = [
    # Ours come first, so that their templates stand before those of the stock admin.
    *CONTEXTS,
    # Without autodiscovery: the console has its own site, and third-party admins stay out of it.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "simple_history",
    "rest_framework",
    "knox",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "django_filters",
    "axes",
    "csp",
    "django_structlog",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "axes.middleware.AxesMiddleware",
    "apps.console.middleware.ConsoleMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# Database. The door opens its own outermost transaction, so requests have none.
ATOMIC_REQUESTS = False
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Time and language.
USE_TZ = True
TIME_ZONE = "UTC"
LANGUAGE_CODE = "en"
FORMAT_MODULE_PATH = ["config.formats"]

# People.
AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
# A role counts for decisions only when it was granted at least this long ago.
INTERLOCK_ROLE_SETTLES_AFTER = timedelta(hours=1)
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
AXES_FAILURE_LIMIT = 5
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_RESET_ON_SUCCESS = True
AXES_ENABLE_ADMIN = False

# Browsers.
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "form-action": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "apps.console.http.csrf_failure"
CSRF_COOKIE_SAMESITE = "Lax"

# The console. Contexts above it hand in by dotted path what it shows of theirs. People read and
# type times in INTERLOCK_ZONE; the database and the programming interface keep UTC.
INTERLOCK_ZONE = env.text("INTERLOCK_ZONE", "Europe/Amsterdam")
# Where people reach the portal; links in messages begin with it.
INTERLOCK_URL = env.text("INTERLOCK_URL", "http://localhost:8000").rstrip("/")
INTERLOCK_ACTOR_FACTORY = "apps.accounts.selectors.actor_for"
INTERLOCK_STEP_UP = "apps.accounts.services.sessions.step_up"
INTERLOCK_HOME = "apps.portal.views.home"
INTERLOCK_NAVIGATION = "apps.portal.navigation.LINKS"
INTERLOCK_TIMELINE = "apps.portal.timeline_page.timeline_page"
INTERLOCK_PANELS = "apps.portal.panels.PANELS"
INTERLOCK_RECORDS = "apps.portal.records.records_of"
INTERLOCK_WINDOW_WORK = "apps.releases.selectors.has_work_in"
INTERLOCK_DEMO_LOGINS = "apps.portal.demo.logins.demo_logins"

# Evidence. Where files of exhibits lie by their digest: private, never served by a web server.
INTERLOCK_EXHIBITS_DIR = env.text("INTERLOCK_EXHIBITS_DIR", str(VAR_DIR / "exhibits"))
# Packs of evidence, as they are handed out: private too.
INTERLOCK_PACKS_DIR = env.text("INTERLOCK_PACKS_DIR", str(VAR_DIR / "packs"))

# The sealer: its private folder, seconds between two passes, the hour (UTC) of the nightly scrub.
# Anchors: a file on a disk that only takes appends; an authority that stamps times (RFC 3161).
INTERLOCK_SEALER_DIR = env.text("INTERLOCK_SEALER_DIR", str(VAR_DIR / "sealer"))
INTERLOCK_SEAL_SECONDS = env.number("INTERLOCK_SEAL_SECONDS", 10)
INTERLOCK_SEAL_SCRUB_HOUR = env.number("INTERLOCK_SEAL_SCRUB_HOUR", 3)
INTERLOCK_SEAL_ANCHOR_FILE = env.text("INTERLOCK_SEAL_ANCHOR_FILE", "")
INTERLOCK_SEAL_TSA_URL = env.address("INTERLOCK_SEAL_TSA_URL", "")
INTERLOCK_SEAL_TSA_SECONDS = env.number("INTERLOCK_SEAL_TSA_SECONDS", 3600)
# Only the tests' settings name a point at which a process dies.
INTERLOCK_FAULT_AT = ""

# Gates. Waivers that a package may have before the chair of the board signs too and its risk grows.
INTERLOCK_WAIVER_LIMITS = {"soft": 2, "hard": 1}

# Inventory. An edge that its feed does not tell any more is stale after this many imports.
INTERLOCK_STALE_AFTER_IMPORTS = 3

# Other systems. z/OSMF is asked for the jobs of running steps where its address is set; it is
# never told to do anything. Without a file of certificates those of the operating system count.
INTERLOCK_ZOSMF_URL = env.text("INTERLOCK_ZOSMF_URL", "").rstrip("/")
INTERLOCK_ZOSMF_USER = env.text("INTERLOCK_ZOSMF_USER", "")
INTERLOCK_ZOSMF_PASSWORD = env.text("INTERLOCK_ZOSMF_PASSWORD", "")
INTERLOCK_ZOSMF_CA_FILE = env.text("INTERLOCK_ZOSMF_CA_FILE", "")
INTERLOCK_ZOSMF_TIMEOUT_SECONDS = env.number("INTERLOCK_ZOSMF_TIMEOUT_SECONDS", 10)

STATIC_URL = "static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]

# Programming interface.
KNOX_TOKEN_MODEL = "accounts.ApiToken"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.accounts.services.authentication.TokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.api.LimitedJSONParser"],
    "DEFAULT_METADATA_CLASS": None,
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "apps.core.http.problem_handler",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Interlock",
    "DESCRIPTION": "Changes, packages, windows and the moves that are possible on them.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    # Enumerations stay where they are used: names for them would have to be kept by hand.
    "POSTPROCESSING_HOOKS": [],
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["rest_framework.permissions.IsAuthenticated"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    # Each part opens with a click: all operations and schemas at once take a browser a minute.
    "SWAGGER_UI_SETTINGS": {
        "validatorUrl": None,
        "deepLinking": True,
        "defaultModelsExpandDepth": -1,
        "docExpansion": "none",
    },
}
REST_KNOX = {
    "TOKEN_TTL": timedelta(hours=12),
    "TOKEN_PREFIX": "ilk_",
    "AUTH_HEADER_PREFIX": "Bearer",
}

# History and evidence. A consumer is {name, actions, handler}: which entries the outbox keeps for
# whom (no actions: all), and the dotted path of what is called with each of them.
SIMPLE_HISTORY_REVERT_DISABLED = True
EVIDENCE_CONSUMERS: tuple[dict[str, Any], ...] = (
    {
        "name": "notifications",
        "actions": (
            "change.submitted",
            "change.invalidated",
            "change.signed",
            "change.phone_approved",
            "change.night_moved",
            "change.approved",
            "change.rejected",
            "change.returned",
            "change.phone_denied",
            "change.decision_withdrawn",
            "change.ratification_refused",
            "obligation.set",
            "obligation.met",
            "obligation.doubted",
            "obligation.withdrawn",
            "package.regressed",
            "package.delayed",
            "package.moved",
            "window.moved",
            "window.batch_reported",
            "window.reservation_expired",
            "finding.detected",
            "finding.reopened",
            "waiver.requested",
            "waiver.approved",
            "waiver.refused",
            "waiver.revoked",
            "waiver.expired",
            "evidence.checked",
        ),
        "handler": "apps.notifications.services.news.tell_people",
    },
    {
        "name": "releases",
        "actions": (
            "change.approved",
            "change.invalidated",
            "change.phone_denied",
            "change.held",
            "change.released",
        ),
        "handler": "apps.releases.services.watch.follow_change",
    },
    {
        "name": "seals",
        "actions": ("window.edited", "register.created", "register.edited"),
        "handler": "apps.releases.services.watch.follow_window",
    },
    {
        "name": "standard",
        "actions": ("change.failed", "change.backed_out", "change.closed"),
        "handler": "apps.changes.services.templates.follow_outcome",
    },
    {
        "name": "findings",
        "actions": (
            "change.created",
            "change.unexplained",
            "change.edited",
            "change.edited_unasked",
            "change.night_moved",
            "change.invalidated",
            "change.submitted",
            "change.returned",
            "change.signed",
            "change.phone_approved",
            "change.decision_withdrawn",
            "change.approved",
            "change.rejected",
            "change.cancelled",
            "change.unscheduled",
            "change.given_back",
            "change.completed",
            "change.backed_out",
            "risk_override.confirmed",
            "package.created",
            "package.edited",
            "package.planned",
            "package.emergency_started",
            "package.delayed",
            "package.replanned",
            "package.moved",
            "package.completed",
            "package.partially_completed",
            "package.backed_out",
            "package.closed",
            "package.cancelled",
            "activity.created",
            "activity.edited",
            "activity.timed",
            "activity.moved",
            "activity.assigned",
            "activity.skipped",
            "check.created",
            "check.edited",
            "check.left_out",
            "window.edited",
            "window.moved",
            "window_deviation.approved",
            "window_deviation.expired",
            "asset.version_installed",
            "asset.related",
            "asset.unrelated",
            "register.created",
            "register.edited",
            "team.edited",
            "import.inventory_imported",
            "exhibit.added",
        ),
        "handler": "apps.releases.services.evaluation.mark_due",
    },
)

# Background work. A lost worker's message comes back after the visibility timeout, so no task may
# run longer than that; acknowledged late, so that nothing is lost with the worker.
CELERY_TASK_SERIALIZER = "json"
CELERY_RESULT_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TIMEZONE = "UTC"
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = True
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 600}
CELERY_TASK_SOFT_TIME_LIMIT = 240
CELERY_TASK_TIME_LIMIT = 300
DJANGO_STRUCTLOG_CELERY_ENABLED = True

# Logs: one JSON object a line on stderr, each with the request id.
_shared_processors = (
    structlog.contextvars.merge_contextvars,
    hide_secret_addresses,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
)
structlog.configure(
    processors=[
        *_shared_processors,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": "structlog.stdlib.ProcessorFormatter",
            "foreign_pre_chain": _shared_processors,
            "processors": [
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(),
            ],
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    # Django's own handlers would print the same lines a second time, unstructured.
    "loggers": {"django": {"handlers": ["stderr"], "level": "INFO", "propagate": False}},
}

# The modules that define what can happen; `evidence.events.vocabulary()` reads them.
EVIDENCE_VOCABULARY = tuple(
    f"{app}.events" for app in CONTEXTS if (BASE_DIR / app.replace(".", "/") / "events.py").exists()
)


def redis_cache(url: str) -> dict[str, dict[str, str]]:
    """Heartbeats and other facts that may be lost; nothing that anybody relies on afterwards."""
    return {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": url}}
