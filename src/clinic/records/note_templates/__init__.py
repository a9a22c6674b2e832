"""Note templates: headings and text that a clinic begins its notes with, in every version."""
