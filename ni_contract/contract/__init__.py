"""What the API is, as data: catalogue, numbering plans, countries, signatures, form encoding, features."""
