"""Great Expectations validates what was loaded (raw) and what will be published (marts).

Importing this package is cheap; great_expectations (seconds) is imported by the first `validate`.
"""

from sequence_warehouse.validate.report import ValidationReport, ValidationRow
from sequence_warehouse.validate.runner import validate
from sequence_warehouse.validate.suites import SuiteError

__all__ = ["SuiteError", "ValidationReport", "ValidationRow", "validate"]
