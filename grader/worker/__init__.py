"""Inside the sandbox: runs a notebook cell by cell. Knows no label, rubric or point."""
