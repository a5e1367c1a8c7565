"""The account that is extracted and its token, which only this module and the transport ever hold."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from sequence_warehouse.config.errors import UserError
from sequence_warehouse.extract.names import check_portal

DEFAULT_URL = "https://api.hubapi.com"
TOKEN_VARIABLE = "the environment variable HUBSPOT_TOKEN"


class Secret:
    """Text that shows as *** wherever an object may be shown, and cannot be pickled into a file."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        return self._text

    def scrub(self, text: str) -> str:
        """``text`` without the secret in it."""
        return text.replace(self._text, "***") if self._text else text

    def scrub_all(self, body: dict[str, Any]) -> dict[str, Any]:
        """The same of every text of a JSON object."""
        scrubbed: dict[str, Any] = json.loads(self.scrub(json.dumps(body, ensure_ascii=False)))
        return scrubbed

    def __repr__(self) -> str:
        return "***"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is not written down")


@dataclass(frozen=True)
class Account:
    """One HubSpot account. portal: the folder it lands under. source: what a person mends, in words."""

    portal: str
    base_url: str
    token: Secret
    source: str

    @property
    def address(self) -> str:
        """The base URL for people: without a name and password that somebody may have put there."""
        scheme, mark, rest = self.base_url.rpartition("://")
        host, slash, path = rest.partition("/")
        return f"{scheme}{mark}{host.rpartition('@')[2]}{slash}{path}"

    @classmethod
    def find(cls, portal: str, variables: Mapping[str, str] = os.environ) -> Account:
        """By the Airflow connection ``hubspot_<portal>`` (host, password), else HUBSPOT_TOKEN (and
        HUBSPOT_BASE_URL), else the connection ``hubspot_default``. Raises UserError when there is none, and
        for what is no portal's name.

        The portal's own first: a token for all must not land one account's records under another's name.
        """
        check_portal(portal)
        if account := cls._of_connection(portal, f"hubspot_{portal}"):
            return account
        if token := variables.get("HUBSPOT_TOKEN", "").strip():
            url = variables.get("HUBSPOT_BASE_URL", "").strip() or DEFAULT_URL
            return cls(portal, url.rstrip("/"), Secret(token), TOKEN_VARIABLE)
        if account := cls._of_connection(portal, "hubspot_default"):
            return account
        raise UserError(
            f"There is no token for portal {portal}: set HUBSPOT_TOKEN (and HUBSPOT_BASE_URL for another "
            f"address than {DEFAULT_URL}), or add an Airflow connection hubspot_{portal} or hubspot_default "
            "with the token as its password."
        )

    @classmethod
    def _of_connection(cls, portal: str, name: str) -> Account | None:
        connection = _airflow_connection(name)
        if connection is None:
            return None
        token = (connection.password or "").strip()
        if not token:
            raise UserError(
                f"The Airflow connection {name} has no password: put the private app's token there."
            )
        return cls(portal, _url(connection), Secret(token), f"the connection {name}")


def _airflow_connection(name: str) -> Any:
    from airflow.sdk import Connection
    from airflow.sdk.exceptions import AirflowNotFoundException

    try:
        return Connection.get(name)
    except AirflowNotFoundException:
        return None


def _url(connection: Any) -> str:
    """The address a connection names: a whole URL as its host, or host, schema and port."""
    host = (connection.host or "").rstrip("/")
    if not host:
        return DEFAULT_URL
    if "://" not in host:
        host = f"{connection.schema or 'https'}://{host}"
    return f"{host}:{connection.port}" if connection.port else host
