"""The small adaptation that lets Great Expectations push its SQL down to DuckDB.

Great Expectations 1.24 has no DuckDB data source. Its SQLAlchemy engine returns a result after
closing the connection that made it, which leaves DuckDB's results empty (every metric then ends in
`IndexError: list index out of range`), except for the dialects it lists as needing one lasting
connection. The adaptation adds DuckDB to that list and nothing else.
`tests/validate/test_duckdb_dialect.py` fails when upstream has made it unnecessary.
"""

from typing import Any

DIALECT = "duckdb"


class _DialectName(str):
    """A dialect name that also answers `.value`, like the members of the upstream enumeration."""

    @property
    def value(self) -> str:
        return str(self)


def adapt_to_duckdb() -> None:
    """Add DuckDB to the dialects that keep one connection; calling it again changes nothing.

    Raises RuntimeError when this version of Great Expectations has no such list any more.
    """
    import great_expectations
    from great_expectations.execution_engine import sqlalchemy_execution_engine as upstream

    dialects: tuple[Any, ...] | None = getattr(upstream, "_PERSISTED_CONNECTION_DIALECTS", None)
    if not isinstance(dialects, tuple):
        raise RuntimeError(
            f"great_expectations {great_expectations.__version__} no longer has the tuple "
            "_PERSISTED_CONNECTION_DIALECTS; see whether it supports DuckDB by itself now, and "
            f"change {__name__} accordingly"
        )
    if DIALECT not in dialects:
        upstream._PERSISTED_CONNECTION_DIALECTS = (*dialects, _DialectName(DIALECT))
