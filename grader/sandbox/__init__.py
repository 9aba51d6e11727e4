"""Outside the sandbox: starts workers, sets limits, kills, reads back a few files defensively."""
