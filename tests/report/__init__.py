"""Tests of the report; ``sample_reports`` builds what they look at."""
