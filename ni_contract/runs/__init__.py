"""The runs: drivers make or find exchanges, the judge judges them, and a `Run` holds the verdicts."""
