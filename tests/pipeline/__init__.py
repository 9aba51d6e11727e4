"""Grading and scoring again, with prepared runs instead of a sandbox."""
