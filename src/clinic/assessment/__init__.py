"""Assessment: what was found in a visit, what it fits, what was concluded and what is planned."""
