"""What is known of a class: a table of points and an overview page."""

from grader.gradebook.csv_table import write_gradebook_csv
from grader.gradebook.index import write_index
from grader.gradebook.row import CriterionPoints, GradebookRow, gradebook_rows

__all__ = [
    "CriterionPoints",
    "GradebookRow",
    "gradebook_rows",
    "write_gradebook_csv",
    "write_index",
]
