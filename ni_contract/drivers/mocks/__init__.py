"""What mocks said inside somebody's tests: found in their own objects or watched on the way, then judged.

No library of others is imported here; what a test did not import has no objects to look at.
"""
