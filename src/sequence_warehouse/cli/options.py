"""Options that several commands take. Not given, a setting counts: docs/settings.md."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

LandingOption = Annotated[Path | None, typer.Option("--landing", help="Landing folder; default: the sample.")]
WarehouseOption = Annotated[
    Path | None, typer.Option("--warehouse", help="Warehouse folder; default: warehouse.")
]
ConfigOption = Annotated[
    Path | None, typer.Option("--config", help="Folder of your own with settings.toml and seeds.")
]
RefreshOption = Annotated[bool | None, typer.Option("--full-refresh", help="Rebuild every model.")]
