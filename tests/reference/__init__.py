"""A slow and obvious reference of the definitions, to hold the warehouse's SQL against."""
