"""Mutants of right fakes and clients, made automatically, to find faults that `verify` and `witness` miss."""
