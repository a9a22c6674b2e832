"""Audit: who saw or changed what, in rows that are written once and chained so that loss shows."""
