"""Providers and clients that are each broken in one way: the proof that every clause can fail alone."""
