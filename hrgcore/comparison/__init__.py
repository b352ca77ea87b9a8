"""Designs side by side: who moves from one to the other, and why."""
