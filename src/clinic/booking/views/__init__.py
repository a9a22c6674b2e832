"""Pages of booking, by who opens them."""
