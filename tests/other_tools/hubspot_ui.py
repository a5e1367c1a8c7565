"""CSV files of HubSpot's own Export button, as they come and as Excel saves them again."""

from __future__ import annotations

from pathlib import Path

from tests.other_tools import account
from tests.other_tools.account import Thing
from tests.other_tools.share import WON
from tests.other_tools.writing import write_csv, write_events, write_sequence

LABELS = {pipeline + stage: label for pipeline, stage, label, *_ in account.STAGES}


def write_commas(folder: Path) -> None:
    """As HubSpot writes them."""
    _write(folder, _deals("."), delimiter=",", encoding="utf-8")


def write_semicolons(folder: Path) -> None:
    """As Excel saves them where the comma is decimal: semicolons, a byte order mark, ``1000,5``."""
    _write(folder, _deals(","), delimiter=";", encoding="utf-8-sig")


def _write(folder: Path, deals: list[dict], **dialect: str) -> None:
    for name, rows in {
        "contacts": [_contact(thing) for thing in account.CONTACTS],
        "companies": [_company(thing) for thing in account.COMPANIES],
        "deals": deals,
    }.items():
        write_csv(
            folder / f"objects/{name}/hubspot-crm-exports-all-{name}-2026-02-02.csv", rows, null="", **dialect
        )
    write_sequence(folder)
    write_events(folder)


def _contact(thing: Thing) -> dict:
    return {
        "Record ID": thing.id,
        "First Name": thing.properties["firstname"],
        "Last Name": thing.properties["lastname"],
        "Email": thing.properties["email"],
        "Phone Number": None,
        "Create Date": _minute(thing.created_at),
        "Last Modified Date": _minute(thing.updated_at),
        "Associated Company": None,
        "Associated Company IDs": ";".join(thing.links.get("companies", [])),
    }


def _company(thing: Thing) -> dict:
    return {
        "Record ID": thing.id,
        "Company name": thing.properties["name"],
        "Company Domain Name": thing.properties["domain"],
        "Create Date": _minute(thing.created_at),
    }


def _deals(decimal: str) -> list[dict]:
    """Deals that HubSpot still lists: no merged one, no deleted one; stages and pipelines by their labels."""
    rows = []
    for thing in account.PRESENT_DEALS:
        properties = thing.properties
        stage = properties["pipeline"], properties["dealstage"]
        closed = properties.get("closedate")
        rows.append(
            {
                "Record ID": thing.id,
                "Deal Name": properties["dealname"],
                "Deal Stage": LABELS["".join(stage)],
                "Pipeline": account.PIPELINES[stage[0]],
                "Amount": properties["amount"].replace(".", decimal),
                "Close Date": _minute(closed) if closed else None,
                "Create Date": _minute(thing.created_at),
                "Is Closed Won": str(stage in WON).lower(),
                "Deal owner": "Kari Nes",
                "Associated Contact": "Eva Lie (eva@nord.test)",
                "Associated Contact IDs": ";".join(thing.links["contacts"]),
                "Associated Company IDs": ";".join(thing.links.get("companies", [])),
            }
        )
    return rows


def _minute(text: str) -> str:
    return text[:16].replace("T", " ")
