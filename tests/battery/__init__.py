"""The battery: what a reader states about small programs, and what the grader finds."""
