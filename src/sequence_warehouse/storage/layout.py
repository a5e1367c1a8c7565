"""Names of what lies in a warehouse and in a landing folder, each said once.

The folders of a warehouse are properties of ``Settings``.
"""

from __future__ import annotations

# in a warehouse
INVENTORY = "inventory"
LOCK_FILE = "lock.json"
ORIGIN_FILE = "origin.json"
# in its folder raw: one load, and many of them in one
LOAD = "load_id="
MERGED = "merged_to="
# in its folder versions: names of publications, which sort by age; and what a publication tells of itself
VERSION = "[0-9][0-9][0-9][0-9][0-9][0-9]-*"
VERSION_FILE = "version.json"

# in a landing folder: an account, and what the extraction remembers
PORTAL = "portal="
STATE = "_state"
