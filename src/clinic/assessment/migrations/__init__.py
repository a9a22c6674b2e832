"""Migrations of the assessment."""
