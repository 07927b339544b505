"""Readers of recordings, stubs and pacts: one module a format."""
