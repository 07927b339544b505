"""Makes `ni_contract.client` from the OpenAPI document: `python -m generate_client`.

`document` follows references, `facts` finds what the client has to know, `templates/` is how it is written down.
Needs the extra `generate` (Jinja2, PyYAML).
"""
