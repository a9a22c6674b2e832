"""Practice: where the clinic works, who works there, what they may do, and under which rules."""
