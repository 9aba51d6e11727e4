"""Makes and loads the data of an assignment: public splits, hidden sets and their secret."""
