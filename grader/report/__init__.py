"""The report on one submission, its student and instructor views, and how they are written."""
