"""Drift: the changes between two recordings or reports."""
