"""Gives a test run its own PostgreSQL and Valkey, unless DATABASE_URL and REDIS_URL name some.

The services start before Django reads its settings and are shared by all xdist workers, which
find the addresses in the environment they inherit.
"""

import os
from collections.abc import Generator

import psycopg
import pytest

from ops.processes import OpsError
from ops.services import OWNER, EphemeralServices, ensure_roles

_services = pytest.StashKey[EphemeralServices]()


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None]:
    options = early_config.known_args_namespace
    is_worker = "PYTEST_XDIST_WORKER" in os.environ
    if not (is_worker or options.help or options.version or options.collectonly):
        _start(early_config)
    try:
        yield
    except BaseException:
        # A run that ends this early does not call the clean-up.
        if services := early_config.stash.get(_services, None):
            services.stop()
        raise


def _start(config: pytest.Config) -> None:
    given = "DATABASE_URL" in os.environ
    try:
        services = EphemeralServices()
        services.start()
    except OpsError as error:
        raise pytest.UsageError(str(error)) from error
    config.stash[_services] = services
    config.add_cleanup(services.stop)
    os.environ.update(services.environment(OWNER))
    if given:
        with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as connection:
            ensure_roles(connection)
