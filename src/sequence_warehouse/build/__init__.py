"""Build: dbt makes the models from raw storage, in this process."""
