"""What runs in the office: pages for leads, the one door for writes, and the other end of every phone's sync."""

__version__ = "0.1.0"
