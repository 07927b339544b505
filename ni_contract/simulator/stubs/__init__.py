"""Answers of the simulator as stubs for tools of other languages: `ni-contract stubs`."""
