"""Drivers of clients: a callable or a command is asked for lookups, and a simulator answers it."""
