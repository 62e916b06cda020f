"""The only module that reads the process environment.

Every reader takes the variable's name and an optional default. Without a default a missing or empty
variable stops the start-up, and so does a value of the wrong form: one line, variable and remedy.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import parse_qs, quote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

T = TypeVar("T")
TRUE, FALSE = ("1", "true", "yes", "on"), ("0", "false", "no", "off")


def _read(name: str, default: T | None, remedy: str, parse: Callable[[str], T]) -> T:
    value = os.environ.get(name, "").strip()
    if not value:
        if default is None:
            raise ImproperlyConfigured(f"{name} is not set: {remedy}.")
        return default
    try:
        return parse(value)
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is not usable: {remedy}.") from error


def text(name: str, default: str | None = None, *, remedy: str = "set it to a text") -> str:
    return _read(name, default, remedy, str)


def number(name: str, default: int | None = None) -> int:
    return _read(name, default, "set it to a whole number", int)


def flag(name: str, default: bool | None = None) -> bool:
    def parse(value: str) -> bool:
        if value.lower() not in TRUE + FALSE:
            raise ValueError(value)
        return value.lower() in TRUE

    return _read(name, default, "set it to 1 or 0", parse)


def address(name: str, default: str | None = None) -> str:
    """An http:// or https:// URL."""

    def parse(value: str) -> str:
        url = urlsplit(value)
        if url.scheme not in ("http", "https") or not url.hostname:
            raise ValueError(value)
        return value

    return _read(name, default, "set it to https://host/path", parse)


def items(name: str, default: list[str] | None = None) -> list[str]:
    """A comma-separated list; blank items are dropped."""

    def parse(value: str) -> list[str]:
        found = [item.strip() for item in value.split(",") if item.strip()]
        if not found:
            raise ValueError(value)
        return found

    return _read(name, default, "set it to a list separated by commas", parse)


def database(name: str = "DATABASE_URL", default: str | None = None) -> dict[str, Any]:
    """Django's connection settings from a libpq URL such as postgresql://user:secret@host/name.

    A socket folder goes in the query: postgresql://user:secret@/name?host=/run/postgresql.
    """

    def parse(value: str) -> dict[str, str]:
        if not value.startswith(("postgresql://", "postgres://")):
            raise ValueError(value)
        try:
            found = {key: str(part) for key, part in conninfo_to_dict(value).items()}
        except ProgrammingError as error:
            raise ValueError(str(error)) from error
        if not found.get("dbname"):
            raise ValueError("no database name")
        return found

    parts = _read(
        name,
        parse(default) if default else None,
        "set it to postgresql://user:password@host:port/name",
        parse,
    )
    standard = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host"}
    return {
        "ENGINE": "django.db.backends.postgresql",
        **{key: parts.pop(part, "") for key, part in (*standard.items(), ("PORT", "port"))},
        "OPTIONS": parts,
    }


def redis(name: str = "REDIS_URL", default: str | None = None) -> str:
    """A redis://, rediss:// or unix:///path/to.sock URL."""

    def parse(value: str) -> str:
        url = urlsplit(value)
        if url.scheme == "unix" and url.path.startswith("/"):
            return value
        if url.scheme in ("redis", "rediss") and url.hostname:
            return value
        raise ValueError(value)

    return _read(name, default, "set it to redis://host:port/0 or unix:///path/to.sock", parse)


def broker(redis_url: str) -> str:
    """The same server as Celery names it: its transport spells a socket redis+socket://."""
    url = urlsplit(redis_url)
    if url.scheme != "unix":
        return redis_url
    number = parse_qs(url.query).get("db", ["0"])[0]
    return f"redis+socket://{quote(url.path)}?virtual_host={number}"


def load(path: Path) -> None:
    """Take NAME=value lines from `path`, if it is there; the real environment wins."""
    if path.is_file():
        for line in path.read_text().splitlines():
            name, separator, value = line.partition("=")
            if separator:
                os.environ.setdefault(name, value)
