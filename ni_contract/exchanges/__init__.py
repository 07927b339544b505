"""Exchanges of the API as frozen values, and their readers: request, response, credentials, redaction."""
