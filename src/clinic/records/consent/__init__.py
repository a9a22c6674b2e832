"""Consent to needling: a versioned text, agreed by region, renewed, withdrawn at any time."""
