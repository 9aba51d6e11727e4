"""The published format of ``report.json``: ``python -m grader.report.schema`` prints it."""

from __future__ import annotations

import json
import sys

from grader.report.model import REPORT_SCHEMA_VERSION, Report


def report_schema() -> str:
    """The JSON schema of a report, as ``docs/schema/report.schema.json`` holds it."""
    schema = Report.model_json_schema(mode="serialization")
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$comment": f"Report format, version {REPORT_SCHEMA_VERSION}; generated, do not edit.",
    }
    return json.dumps(head | schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.stdout.write(report_schema())
