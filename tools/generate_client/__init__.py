"""Makes `ni_contract.client.generated`: `facts` reads the OpenAPI document, `templates/` is the form of its files."""
