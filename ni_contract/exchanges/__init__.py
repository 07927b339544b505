"""Exchanges of the API as frozen values, and reading a message once: request, response, credentials, redaction."""
