"""Drivers that make exchanges by asking a client, a callable or a command, while a simulator answers it."""
