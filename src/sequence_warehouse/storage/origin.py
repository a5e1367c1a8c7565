"""Where data comes from: simulated data and other data never meet in one warehouse.

    <landing>/_simulated         the simulator has written into this folder; a load does not look at it
    <warehouse>/origin.json      what the warehouse holds, from its first load on, be it of an empty folder

A folder without the marker holds other data, what was extracted from the loopback HubSpot included: nobody
can tell. The project's own `sample`, which an installed package carries, is simulated whether it is there or
not. A warehouse that was loaded before there were markers takes the kind of what it loads next.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from sequence_warehouse.config.errors import UsageError
from sequence_warehouse.config.project import PROJECT
from sequence_warehouse.config.settings import Settings
from sequence_warehouse.storage import durable
from sequence_warehouse.storage.layout import INVENTORY, LOAD, ORIGIN_FILE, PORTAL, STATE

SAMPLE = PROJECT / "sample"
_MARKER = "_simulated"
_SIMULATED, _OTHER = "simulated", "other"


def mark_simulated(landing: Path) -> None:
    """Mark a landing folder as the simulator's. Raises UsageError when it holds other data."""
    marker = landing / _MARKER
    if marker.exists():
        return
    is_extracted = (landing / STATE).exists()
    if landing.resolve() != SAMPLE.resolve() and (is_extracted or any(landing.glob(f"{PORTAL}*"))):
        raise UsageError(
            f"The landing folder {landing} holds data that is not simulated: simulate into a folder of its "
            "own with LANDING=<folder>."
        )
    landing.mkdir(parents=True, exist_ok=True)
    marker.write_text("Simulated by hubspot_simulator: no warehouse takes it beside other data.\n")
    os.utime(marker, (0, 0))  # the same seed gives the same folder


def refuse_extraction(landing: Path) -> None:
    """Raises UsageError when what HubSpot answers would land among simulated data."""
    if _of_landing(landing) == _SIMULATED:
        raise UsageError(
            f"The landing folder {landing} holds simulated data: extract into a folder of its own with "
            "LANDING=<folder>, and load it with WAREHOUSE=<folder>, another one than the sample's."
        )


def refuse_mixture(settings: Settings) -> None:
    """Raises UsageError when the warehouse holds the other kind of data than the landing folder."""
    holds, landed = _of_warehouse(settings), _of_landing(settings.landing)
    if holds == _SIMULATED and landed == _OTHER:
        raise UsageError(
            f"The warehouse {settings.warehouse} holds simulated data and the landing folder "
            f"{settings.landing} does not: load it into a warehouse of its own with WAREHOUSE=<folder>."
        )
    if holds == _OTHER and landed == _SIMULATED:
        raise UsageError(
            f"The warehouse {settings.warehouse} holds data that is not simulated and the landing folder "
            f"{settings.landing} is simulated: name the folder of your data with LANDING=<folder>, or "
            "another warehouse for the simulated data with WAREHOUSE=<folder>."
        )


def remember(settings: Settings) -> None:
    """Write down what the warehouse holds from now on; the lock must be held."""
    if _of_warehouse(settings) is None:
        durable.write(_memory(settings), json.dumps({"holds": _of_landing(settings.landing)}))


def _of_landing(landing: Path) -> str:
    is_simulated = landing.resolve() == SAMPLE.resolve() or (landing / _MARKER).exists()
    return _SIMULATED if is_simulated else _OTHER


def _of_warehouse(settings: Settings) -> str | None:
    """None when nothing was loaded, whatever a first load that was cut off has noted down."""
    raw = settings.raw
    entries = (path.stem for path in (settings.warehouse / INVENTORY).glob(f"{LOAD}*.json"))
    # noted down and hidden: the load was cut off
    lost = (name for name in entries if not (raw / f".{name}").exists())
    if not any(raw.glob(f"{LOAD}*")) and not any(lost):
        return None
    try:
        holds: str | None = json.loads(_memory(settings).read_text())["holds"]
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        holds = None
    if holds not in (_SIMULATED, _OTHER):
        raise UsageError(
            f"{_memory(settings)} cannot be read, which says what the warehouse holds: write "
            f'{{"holds": "{_SIMULATED}"}} into it, or {{"holds": "{_OTHER}"}} for data that is not simulated.'
        )
    return holds


def _memory(settings: Settings) -> Path:
    return settings.warehouse / ORIGIN_FILE
