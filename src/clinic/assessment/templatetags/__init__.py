"""Words of the assessment for templates."""
