"""What a validation found: one row per expectation, and the readable sentences made of them."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

CRITICAL = "critical"
WARNING = "warning"


@dataclass(frozen=True)
class ValidationRow:
    """One expectation of one suite in one run.

    `seconds` is the suite's wall time divided evenly over its expectations, because Great
    Expectations computes the metrics of a suite together: summing rows gives the true total.
    `unexpected_count` counts rows of the table, or pieces of evidence (up to 200) for a query; it
    is null where there is nothing to count. `column_name` holds several columns as `a, b`.
    """

    run_id: str
    border: str
    suite: str
    table_name: str
    expectation: str
    column_name: str | None
    severity: str
    success: bool
    observed: str
    unexpected_count: int | None
    description: str
    seconds: float

    @property
    def sentence(self) -> str:
        """What, where, expected against observed, in one line."""
        columns = (self.column_name or "").split(", ")
        named = ", ".join(columns[:4]) + (", …" if len(columns) > 4 else "")
        where = f"{self.table_name} ({named})" if named else self.table_name
        return f"{where}: expected: {self.description}; observed: {self.observed}"

    def __str__(self) -> str:
        return self.sentence


@dataclass(frozen=True)
class ValidationReport:
    """All rows of one border in one run; `data_docs` is the site's index page, when one was built.

    `import_seconds` is the fixed cost of importing Great Expectations (0 when it was imported
    before); `seconds` is everything, the import and the Data Docs included.
    """

    run_id: str
    border: str
    rows: tuple[ValidationRow, ...]
    data_docs: Path | None
    import_seconds: float
    seconds: float

    @property
    def success(self) -> bool:
        """True when no critical expectation failed; warnings never fail a border."""
        return not self.failed_critical

    @property
    def failed_critical(self) -> list[ValidationRow]:
        """Failed critical expectations; `str()` of each is its sentence."""
        return [row for row in self.rows if not row.success and row.severity == CRITICAL]

    @property
    def warnings(self) -> list[ValidationRow]:
        """Failed expectations that only warn; `str()` of each is its sentence."""
        return [row for row in self.rows if not row.success and row.severity != CRITICAL]

    def as_dicts(self) -> list[dict[str, Any]]:
        """The rows as plain dictionaries, ready to be inserted into a table."""
        return [asdict(row) for row in self.rows]
