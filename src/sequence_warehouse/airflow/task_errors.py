"""How a task of a DAG begins and how it fails: what a person must mend is one sentence, not tried again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from airflow.sdk.exceptions import AirflowFailException

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import permissions


def begin() -> Settings:
    """The settings of a task, which from now on writes files for its user alone."""
    permissions.keep_private()
    with final_user_errors():
        return Settings.from_environment()


@contextmanager
def final_user_errors() -> Iterator[None]:
    """A UserError fails the task for good: another attempt would meet the same."""
    try:
        yield
    except UserError as error:
        raise AirflowFailException(str(error)) from None
