"""Reports of a run: what people and programs read. Nothing leaves here without going through the redactor."""
