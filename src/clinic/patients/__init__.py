"""Patients: who they are, who cares for them, and who may therefore see what."""
