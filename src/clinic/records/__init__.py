"""Records: the visit, and what was written and attached in it, never to be written over."""
