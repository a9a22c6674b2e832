"""Screening before the needle: asked at every visit, and what the answers allow."""
