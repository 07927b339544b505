"""Drivers make or find exchanges; they never judge."""
