"""Mutants of right fakes and clients, made mechanically: what `verify` and `witness` miss is found by them."""
