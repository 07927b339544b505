"""Exchanges of mocks in a test: found in the mocks' own objects or recorded while the test runs.

No mocking library is imported here; a library that the test did not import has no objects to find.
"""
