"""Which handler answers which path, and the scope that a token needs for it."""

from __future__ import annotations

import re
from collections.abc import Callable

from hubspot_simulator.api import associations, definitions, descriptions, events, objects, search
from hubspot_simulator.api.asking import Answer, Ask
from hubspot_simulator.api.errors import not_found, wrong_method

_EVENTS = "/events/(?:v3/events|event-occurrences/2026-03)"
_OBJECTS = "/crm/v3/objects/(?P<kind>[^/]+)"
_SEQUENCES = "/automation/(?:v4/sequences|sequences/2026-03)"
_SERVICE = "/automation/sequences/(?P<version>2026-09(?:-beta)?)/serviceaccounts/sequences"
_TEMPLATES = "/automation/email-templates/2026-09-beta"
_ASSOCIATIONS = "/crm/(?P<version>v[34])/associations/(?P<from>[^/]+)/(?P<to>[^/]+)/batch/read"

# The first that fits; {kind} in a scope is the path's.
_ROUTES: list[tuple[str, str, str, Callable[[Ask], Answer]]] = [
    ("GET", _EVENTS, "oauth", events.events),
    ("GET", f"{_EVENTS}/event-types", "oauth", events.event_types),
    ("POST", f"{_OBJECTS}/search", "crm.objects.{kind}.read", search.search),
    ("POST", f"{_OBJECTS}/batch/read", "crm.objects.{kind}.read", objects.batch_read),
    ("GET", _OBJECTS, "crm.objects.{kind}.read", objects.objects),
    ("GET", f"{_OBJECTS}/(?P<id>[^/]+)", "crm.objects.{kind}.read", objects.single_object),
    ("POST", _ASSOCIATIONS, "crm.objects.{from}.read", associations.batch_read),
    ("GET", "/crm/v3/owners", "crm.objects.owners.read", definitions.owners),
    ("GET", "/crm/v3/pipelines/(?P<kind>[^/]+)", "crm.schemas.{kind}.read", definitions.pipelines),
    ("GET", _SEQUENCES, "automation.sequences.read", definitions.sequences),
    ("GET", f"{_SEQUENCES}/(?P<id>[^/]+)", "automation.sequences.read", definitions.single_sequence),
    (
        "GET",
        f"{_SERVICE}/(?P<id>[^/]+)/performance",
        "automation.sequences.read",
        definitions.sequence_performance,
    ),
]
_ROUTES += [
    ("GET", "/account-info/v3/details", "oauth", descriptions.details),
    (
        "GET",
        "/settings/v3/currencies/exchange-rates",
        "settings.currencies.read",
        descriptions.exchange_rates,
    ),
    ("GET", _TEMPLATES, "sales-templates-public-read", descriptions.templates),
    ("GET", f"{_TEMPLATES}/folders", "sales-templates-public-read", descriptions.template_folders),
    (
        "GET",
        f"{_SEQUENCES}/enrollments/contact/(?P<contact>[^/]+)",
        "automation.sequences.read",
        descriptions.enrollment_of_contact,
    ),
]
_COMPILED = [(method, re.compile(pattern), scope, handler) for method, pattern, scope, handler in _ROUTES]


def find(method: str, path: str) -> tuple[Callable[[Ask], Answer], dict[str, str], str]:
    """(handler, names from the path, scope); raises the 404 or 405."""
    fits = None
    for wanted, pattern, scope, handler in _COMPILED:
        found = pattern.fullmatch(path.rstrip("/"))
        if found and wanted == method:
            return handler, found.groupdict(), scope.format(**found.groupdict())
        fits = fits or found
    raise wrong_method(method) if fits else not_found(f"The resource {path}")
