"""Booking: free times, visits booked, reminders; never double, never an hour off."""
