"""Read a section of the settings: arguments, then the environment, then ``settings.toml``, then defaults.

pydantic-settings reads and checks; what is wrong becomes one sentence that names the variable, its value and
what is allowed.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from copy import copy
from dataclasses import fields, is_dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar

from pydantic import ValidationError, create_model
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from sequence_warehouse.config.errors import UsageError
from sequence_warehouse.config.values import Allowed

PREFIX = "SEQUENCE_WAREHOUSE_"
FILE = "settings.toml"

_Section = TypeVar("_Section")


def variable(section: type, field: str, prefix: str = PREFIX) -> str:
    """The environment variable of a field."""
    extra = _description(section, field)
    return prefix + str(extra.get("variable") or field.upper())


def known_fields(section: type) -> dict[str, FieldInfo]:
    """The fields of a section, as pydantic knows them."""
    return dict(section.__pydantic_fields__)  # type: ignore[attr-defined]


def given(
    section: type, prefix: str, file: Mapping[str, Any], arguments: Mapping[str, Any]
) -> dict[str, Any]:
    """Field -> value, checked, of all that arguments, environment or file say of a section.

    prefix: of its variables. file: its table of ``settings.toml``. arguments: field -> value, None for none.
    Raises UsageError for the first value that is not allowed.
    """
    known = known_fields(section)
    names = {
        name: variable(section, name, "").lower()
        for name in known
        if not is_dataclass(known[name].annotation)
    }

    may_be_empty = {names[name] for name in names if _description(section, name).get("may_be_empty")}

    class Sources(BaseSettings):
        model_config = SettingsConfigDict(
            env_prefix=prefix, enable_decoding=False, extra="ignore", validate_default=False
        )

        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,
            file_secret_settings: PydanticBaseSettingsSource,
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            of_environment = {
                known_as: value
                for known_as, value in env_settings().items()
                if value or known_as in may_be_empty
            }
            of_file = {names[name]: _as_text(value) for name, value in file.items() if name in names}
            more = (InitSettingsSource(settings_cls, source) for source in (of_environment, of_file))
            return init_settings, *more

    optional: dict[str, Any] = {known_as: _without_default(known[name]) for name, known_as in names.items()}
    reader = create_model("Reader", __base__=Sources, **optional)
    asked = {names[name]: value for name, value in arguments.items() if value is not None}
    try:
        read = reader(**asked)
    except ValidationError as error:
        raise _wrong(section, prefix, file, names, error) from None
    return {
        name: getattr(read, known_as) for name, known_as in names.items() if known_as in read.model_fields_set
    }


def read_file(folder: Path | None) -> dict[str, Any]:
    """The content of ``settings.toml`` in a folder of the user's own; empty when there is none.

    Raises UsageError when it is no TOML.
    """
    if folder is None or not (folder / FILE).exists():
        return {}
    try:
        with (folder / FILE).open("rb") as stream:
            return tomllib.load(stream)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{folder / FILE} cannot be read: {error}.") from None


def refuse_unknown(folder: Path, table: Mapping[str, Any], section: type, name: str = "") -> None:
    """Raises UsageError for a key of a table that is no setting, with the nearest that is one."""
    known = [field.name for field in fields(section)]
    for key, value in table.items():
        of = f"[{name}] " if name else ""
        if key not in known:
            near = get_close_matches(key, known, 1)
            advice = f"did you mean {near[0]}?" if near else f"the settings are {', '.join(known)}."
            raise UsageError(f"{folder / FILE} knows no setting {of}{key}: {advice}")
        is_section = is_dataclass(known_fields(section)[key].annotation)
        if is_section != isinstance(value, dict) and (is_section or key != "extra_properties"):
            what = f"[{key}] is a section" if is_section else f"{of}{key} is one value"
            raise UsageError(f"{folder / FILE}: {what}; see docs/settings.md.")


def _as_text(value: Any) -> Any:
    """A number of the file is read like one of the environment."""
    return str(value) if isinstance(value, int | float) else value


def _without_default(known: FieldInfo) -> tuple[Any, FieldInfo]:
    """A field that need not be given: what is not is left out of what was read."""
    optional = copy(known)
    optional.default, optional.default_factory = None, None
    return known.annotation, optional


def _description(section: type, field: str) -> dict[str, Any]:
    extra = known_fields(section)[field].json_schema_extra
    return extra if isinstance(extra, dict) else {}


def _wrong(
    section: type, prefix: str, file: Mapping[str, Any], names: dict[str, str], error: ValidationError
) -> UsageError:
    first = error.errors()[0]
    known_as = str(first["loc"][0])
    field = next(name for name, other in names.items() if other == known_as)
    name = variable(section, field, prefix)
    where = name if os.environ.get(name) or field not in file else f"{field} in {FILE}"
    extra = _description(section, field)
    value = "of another kind" if extra.get("is_secret") else repr(first["input"])
    metadata = known_fields(section)[field].metadata
    allowed = next((one.words for one in metadata if isinstance(one, Allowed)), "text")
    return UsageError(f"{where} is {value}: it must be {allowed}.")
