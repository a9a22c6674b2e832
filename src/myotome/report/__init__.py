"""Report: pictures, the case report and tables for people."""
