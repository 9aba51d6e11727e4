"""Published formats: ``python -m grader.report.schema`` prints that of ``report.json``.

With the argument ``explanation`` it prints that of ``grader explain --json``.
"""

from __future__ import annotations

import json
import sys

from pydantic import BaseModel

from grader.report.explanation import EXPLANATION_SCHEMA_VERSION, Explanation
from grader.report.model import REPORT_SCHEMA_VERSION, Report


def report_schema() -> str:
    """The JSON schema of a report, as ``docs/schema/report.schema.json`` holds it."""
    return _schema(Report, f"Report format, version {REPORT_SCHEMA_VERSION}")


def explanation_schema() -> str:
    """The JSON schema of an explanation, as ``docs/schema/explanation.schema.json`` holds it."""
    return _schema(Explanation, f"Explanation format, version {EXPLANATION_SCHEMA_VERSION}")


def _schema(model: type[BaseModel], what: str) -> str:
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"{what}; generated, do not edit.",
    }
    schema = model.model_json_schema(mode="serialization")
    return json.dumps(head | schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    is_explanation = "explanation" in sys.argv[1:]
    sys.stdout.write(explanation_schema() if is_explanation else report_schema())
