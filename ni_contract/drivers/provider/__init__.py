"""Drivers that make exchanges by asking a provider: targets, the fixed vectors, strategies for drawn requests."""
