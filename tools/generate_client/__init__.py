"""Makes `ni_contract.client.generated`: `facts` reads the OpenAPI document, `templates/` says how to write it down."""
