"""Airflow: what DAG files call, and an Airflow of the project's own."""
