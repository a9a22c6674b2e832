"""Pages of the assessment: examine, conclude, plan, and the story of a patient's treatment."""
