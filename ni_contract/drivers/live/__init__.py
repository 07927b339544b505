"""The live API: the smallest plan, sent slowly, recorded without secrets, stopped at the first sign of trouble."""
