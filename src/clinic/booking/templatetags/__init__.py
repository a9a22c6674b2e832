"""Parts of the schedule for templates."""
