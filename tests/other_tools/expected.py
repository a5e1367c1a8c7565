"""What the warehouse must tell of the account, whatever tool brought it, and what each tool cannot tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.other_tools import airbyte, api, dlt, fivetran, hubspot_ui, share, singer

EXPECTED: dict[str, object] = {
    "nothing_rejected": [],
    "contact_names": {"501": "Eva Lie", "503": "Ola Dahl", "504": "Åse Berg"},
    "contact_emails": {"501": "eva@nord.test", "503": "ola@vest.test", "504": "aase@alene.test"},
    "contact_companies": {"501": "301", "503": "302", "504": None},
    "company_names": {"301": "Nord, Sør AS", "302": 'Vest "V" AS'},
    "user_name": "Kari Nes",
    # by enrollment; Eva's was that of contact 502
    "merged_contact": {"9001": "501", "9002": "503"},
    "enrollments": {"9001": ("7", "77"), "9002": ("7", "77")},
    "steps_executed": {0: 2, 1: 1},
    "tasks_completed": {0: 0, 1: 1},
    "opens": {"9001": 1, "9002": 0},
    "replies": {"9001": 1, "9002": 0},
    "meetings": {"9001": 1, "9002": 0},
    # by deal
    "archived_deal": [],
    "merged_deal": [],
    "deals": ["6001", "6002", "6003"],
    "deal_names": {"6001": "Avtale; stor", "6002": "Fornyelse", "6003": "Kald"},
    "deal_amounts": {"6001": 1000.5, "6002": 2500.0, "6003": 300.0},
    "deal_created": dict.fromkeys(["6001", "6002", "6003"], "2026-01-10 09:00:00"),
    "deal_closed": {"6001": "2026-01-20 12:30:00", "6002": "2026-01-20 12:30:00", "6003": None},
    "deal_credit": {"6001": "9001", "6002": "9002", "6003": None},
    "closed_won": {"6001": True, "6002": True, "6003": False},
}


@dataclass(frozen=True)
class Tool:
    """A shape of landing folder. ``untold``: facts that it tells otherwise than the account is, or not at all
    (``...``); ``write_before``: what was landed by a load before; ``deals_are_snapshots``: set in the seeds.
    """

    name: str
    write: Callable[[Path], None]
    untold: dict[str, object] = field(default_factory=dict)
    write_before: Callable[[Path], None] | None = None
    deals_are_snapshots: bool = False

    def expected(self) -> dict[str, object]:
        return {fact: value for fact, value in (EXPECTED | self.untold).items() if value is not ...}


NO_TASKS = {"tasks_completed": {0: 0, 1: 0}}
NO_MEETINGS = {"meetings": {"9001": 0, "9002": 0}}
# contacts and deals are read alone; the taps' engagements are one mixed stream
SINGER = NO_TASKS | NO_MEETINGS
# columns of the share's owners are not known
SHARE = {"user_name": None}
# what HubSpot exports are the objects that it lists: who was merged into whom is not told, so what became of
# contact 502 is not either, and its enrollment has no deal
HUBSPOT_UI = {
    "user_name": None,
    "contact_companies": ...,
    "merged_contact": {"9001": "502", "9002": "503"},
    "deal_credit": {"6001": None, "6002": "9002", "6003": None},
    **NO_TASKS,
    **NO_MEETINGS,
}

TOOLS = [
    Tool("api_v3_pages", api.write_v3),
    Tool("api_v4_lines", api.write_v4),
    Tool("api_lists", api.write_lists),
    Tool("fivetran_csv", fivetran.write_csv_tables, write_before=fivetran.write_earlier_links),
    Tool("fivetran_capitals", fivetran.write_capitals),
    Tool("fivetran_parquet", fivetran.write_parquet_tables),
    Tool("airbyte_raw_lines", airbyte.write_raw_lines),
    Tool("airbyte_raw_text", airbyte.write_raw_text),
    Tool("airbyte_raw_csv", airbyte.write_raw_csv),
    Tool("airbyte_raw_parquet", airbyte.write_raw_parquet),
    Tool("airbyte_messages", airbyte.write_messages),
    Tool("airbyte_normalised_csv", airbyte.write_normalised_csv),
    Tool("airbyte_normalised_parquet", airbyte.write_normalised_parquet),
    Tool("dlt_lines", dlt.write_flat_lines),
    Tool("dlt_parquet", dlt.write_prefixed_parquet),
    Tool("dlt_nested_parquet", dlt.write_nested_parquet),
    Tool("dlt_child_tables", dlt.write_child_tables),
    Tool("singer_values", singer.write_value_objects, SINGER),
    Tool("singer_property_values", singer.write_prefixed_value_objects, SINGER),
    Tool("singer_property", singer.write_prefixed, SINGER),
    Tool("share_parquet_snapshots", share.write_parquet_views, SHARE, share.write_first_snapshot, True),
    Tool("share_csv", share.write_csv_views, SHARE),
    Tool("share_long_form", share.write_long_form, SHARE),
    Tool("share_long_form_by_type", share.write_long_form_by_type, SHARE),
    Tool("share_json_properties", share.write_json_properties, SHARE),
    Tool("hubspot_ui_commas", hubspot_ui.write_commas, HUBSPOT_UI),
    Tool("hubspot_ui_semicolons", hubspot_ui.write_semicolons, HUBSPOT_UI),
]
PORTALS = {tool.name: str(4001 + number) for number, tool in enumerate(TOOLS)}
