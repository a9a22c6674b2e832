"""Sheets: a versioned form being filled in for one person, sent once, corrected by a new one."""
