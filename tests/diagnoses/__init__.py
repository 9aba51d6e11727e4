"""A package, so that its files may share names with tests of other layers."""
