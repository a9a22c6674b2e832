"""Replies: what a patient sent and nobody who cares for them has opened yet."""
