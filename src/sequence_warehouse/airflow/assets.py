"""What one DAG makes and another waits for: an asset is known by its name and its address."""

from airflow.sdk import Asset

# New files may lie in the landing folder: `hubspot_extract` says so, and `sequence_warehouse` loads them.
LANDING = Asset("hubspot_landing", uri="sequence-warehouse://landing")
PUBLICATION = Asset("sequence_warehouse_publication", uri="sequence-warehouse://published")
