"""What an account says of itself comes from one model, which no incremental model is built from."""

from __future__ import annotations

from tests.models.laws import Graph

PROJECT = "sequence_warehouse"


def test_everything_that_asks_what_an_account_is_reads_one_model(manifest):
    graph = Graph(manifest)
    asked = (f"seed.{PROJECT}.accounts", f"model.{PROJECT}.stg_hubspot__accounts")
    assert {graph.name(reader) for uid in asked for reader in graph.children[uid]} == {"int_accounts"}


def test_no_incremental_model_is_built_from_what_may_change_with_the_account(manifest):
    """Landed information changes as data does: what was built by the old one would stay."""
    graph = Graph(manifest)
    below, found = [f"model.{PROJECT}.int_accounts"], set()
    while below:
        if (uid := below.pop()) not in found:
            found.add(uid)
            below += graph.children[uid]
    assert f"model.{PROJECT}.fct_enrollments" in found, "the walk finds what follows"
    assert [uid for uid in sorted(found) if graph.materialized(uid) == "incremental"] == []
