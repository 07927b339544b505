"""Drivers make or find exchanges; they judge nothing."""
