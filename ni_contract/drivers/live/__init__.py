"""The live API: a small plan, sent slowly, recorded without secrets, stopped at the first problem."""
