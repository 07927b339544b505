"""Reports of a run, for people and programs. All their text goes through the redactor."""
