"""Runs: the steps of a run, its record and what a person is told of it."""
