"""The expectation `expect_no_rows`: a query that finds nothing. Imports Great Expectations.

Beside upstream's `UnexpectedRowsExpectation` it runs the query once instead of twice, keeps the
first rows as evidence without asking every other expectation for complete results, and does not
insist on a `{batch}` placeholder, so that the SQL of a suite file runs as it stands.
"""

from typing import Any, ClassVar

from great_expectations.expectations.expectation import BatchExpectation

from sequence_warehouse.validate.text import rows_as_text


class ExpectNoRows(BatchExpectation):  # type: ignore[misc]  # its types are not followed
    """The query returns no rows; what it returns (up to 200 rows) is the evidence.

    `result`: `observed_value` (short text) and `details.rows_found` (0 to 200). Not
    `unexpected_count`: the Data Docs expect a percentage beside that one.
    """

    query: str

    metric_dependencies: ClassVar[tuple[str, ...]] = ("query.table",)
    success_keys: ClassVar[tuple[str, ...]] = ("query",)
    domain_keys: ClassVar[tuple[str, ...]] = ("batch_id",)

    def _validate(
        self,
        metrics: dict[str, Any],
        runtime_configuration: dict[str, Any] | None = None,
        execution_engine: Any = None,
    ) -> dict[str, Any]:
        rows = metrics["query.table"]
        return {
            "success": not rows,
            "result": {
                "observed_value": rows_as_text(rows),
                "details": {"rows_found": len(rows)},
            },
        }
