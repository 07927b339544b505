"""Generates `ni_contract.client` from the OpenAPI document: `python -m generate_client`.

`document` follows references, `facts` extracts the data of the client, `templates/` is its form.
Needs the extra `generate` (Jinja2, PyYAML).
"""
