"""Compares a design with its evidence: published counts, and what the official program was seen to do."""
