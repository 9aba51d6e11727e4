"""Reads and validates rubrics; adds up points."""
