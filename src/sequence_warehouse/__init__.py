"""Turn raw HubSpot sales-sequence events into validated, published reports."""
