"""Drivers of providers: targets, the fixed vectors, strategies for drawn requests."""
