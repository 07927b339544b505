"""The API as data: catalogue, numbering plans, countries, signatures, form encoding, features."""
