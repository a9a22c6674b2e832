"""Outbox: mail and background work, promised in the act's own transaction and done afterwards."""
