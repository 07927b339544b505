"""What the generated client needs and no document says: credentials, encoding, sending, reading, errors.

Written by hand. `ni_contract.client` is made from the OpenAPI document and holds what that says.
"""
