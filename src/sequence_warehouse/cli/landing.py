"""What is checked before anything is imported: the landing folder is there, and of the warehouse's kind."""

from __future__ import annotations

from sequence_warehouse.config.errors import UsageError
from sequence_warehouse.config.settings import NO_LANDING, Settings
from sequence_warehouse.storage import origin


def prepare(settings: Settings) -> None:
    """Refuse to mix simulated and other data; simulate the sample if it is asked for and not there."""
    origin.refuse_mixture(settings)
    if settings.landing != origin.SAMPLE:
        if not settings.landing.is_dir():
            raise UsageError(NO_LANDING.format(settings.landing))
        return
    if settings.landing.exists():
        origin.mark_simulated(settings.landing)  # it may be older than markers are
        return
    from hubspot_simulator.landing import simulate

    print("Simulating two HubSpot accounts into sample/ ...", flush=True)
    simulate(settings.landing, ["1001", "1002"], enrollments=3000, seed=1)
