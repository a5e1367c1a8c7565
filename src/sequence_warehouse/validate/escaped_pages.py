"""Great Expectations' pages with every value of the data as text. Imports Great Expectations.

Upstream escapes some of what it shows and not the rest: an observed value, an example, an error or a run's
name may hold markup that a landing file, an event type or a property brought along, and would become part
of the page. So all texts are escaped before a page is made of them, and upstream escapes none again.
"""

from __future__ import annotations

import html
from typing import Any

from great_expectations.core import ExpectationSuite
from great_expectations.core.expectation_validation_result import (
    ExpectationSuiteValidationResult,
    expectationSuiteValidationResultSchema,
)
from great_expectations.render.renderer import ExpectationSuitePageRenderer, ValidationResultsPageRenderer
from great_expectations.render.view import DefaultJinjaPageView


class ResultsPage(ValidationResultsPageRenderer):  # type: ignore[misc]  # its types are not followed
    def render(self, validation_results: ExpectationSuiteValidationResult, *more: Any) -> Any:
        escaped = expectationSuiteValidationResultSchema.load(_escaped(validation_results.to_json_dict()))
        return super().render(escaped, *more)


class SuitePage(ExpectationSuitePageRenderer):  # type: ignore[misc]  # its types are not followed
    def render(self, expectations: ExpectationSuite) -> Any:
        return super().render(ExpectationSuite(**_escaped(expectations.to_json_dict())))


class PageView(DefaultJinjaPageView):  # type: ignore[misc]  # its types are not followed
    @staticmethod
    def _escape_template_param_value(value: Any) -> Any:
        return value


def _escaped(value: Any) -> Any:
    """The same JSON, all texts in it, names of members too, as they are written in HTML."""
    if isinstance(value, dict):
        return {_escaped(name): _escaped(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_escaped(part) for part in value]
    return html.escape(value) if isinstance(value, str) else value
