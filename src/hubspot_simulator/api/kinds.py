"""What kinds of objects an account serves, as their folders are called, by the seed ``object_types``."""

from __future__ import annotations

from sequence_warehouse.seeds import Seeds

_CRM = [row for row in Seeds().rows("object_types") if row["type_id"]]

CRM_KINDS = tuple(row["object_type"] for row in _CRM)
# What else HubSpot calls them, as in "deal" and "0-3".
OTHER_NAMES = {name: row["object_type"] for row in _CRM for name in (row["singular"], row["type_id"]) if name}
_DEFINITIONS = ("owners", "pipelines", "sequences", "sequence_performance")
SERVED_KINDS = (*CRM_KINDS, *_DEFINITIONS, "accounts", "exchange_rates", "templates")
