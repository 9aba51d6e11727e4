"""Finds what was handed in: one notebook or module per student and attempt."""
