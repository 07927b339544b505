"""The checks of the clauses, one module a kind, and their registry."""
