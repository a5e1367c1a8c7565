"""A HubSpot that answers on loopback: one simulated account over real HTTP, for tests and trials.

    with serve(enrollments=300, faults="429@0.05,half-page@3") as hubspot:
        requests.get(f"{hubspot.base_url}/crm/v3/objects/contacts", headers=...)

    make hubspot-sim PORT=8900 FAULTS="429@0.05,403/deals"

Answers, with HubSpot's paging, limits and error bodies:

* ``GET /events/v3/events`` and ``/event-types`` (also ``/events/event-occurrences/2026-03``);
* ``GET /crm/v3/objects/{contacts,companies,deals,tasks,meetings,emails}`` and ``/{id}``;
  ``POST .../search``, ``POST .../batch/read``;
* ``POST /crm/v3|v4/associations/{from}/{to}/batch/read``;
* ``GET /crm/v3/owners``, ``/crm/v3/pipelines/deals``;
* ``GET /automation/v4/sequences``, ``/{id}`` (also ``/automation/sequences/2026-03``);
  ``GET /automation/sequences/2026-09[-beta]/serviceaccounts/sequences/{id}/performance``,
  ``/automation/v4/sequences/enrollments/contact/{id}``;
* ``GET /account-info/v3/details``, ``/settings/v3/currencies/exchange-rates``,
  ``/automation/email-templates/2026-09-beta``, ``/folders`` below it; a landing folder without
  ``objects/accounts``, ``exchange_rates`` or ``templates`` answers 404 there.

Faults: see ``faults``. What is HubSpot's plan or unknown: ``asking.Settings``.
"""

from hubspot_simulator.api.asking import Settings
from hubspot_simulator.api.faults import (
    BEHAVIOURS,
    FAULTS,
    MISBEHAVIOURS,
    REFUSALS,
    STOPPING,
    SURVIVABLE,
    random_plan,
)
from hubspot_simulator.api.serving import HubSpot, serve

__all__ = [
    "BEHAVIOURS",
    "FAULTS",
    "MISBEHAVIOURS",
    "REFUSALS",
    "STOPPING",
    "SURVIVABLE",
    "HubSpot",
    "Settings",
    "random_plan",
    "serve",
]
