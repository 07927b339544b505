"""Drift: what changed between two recordings or reports."""
