"""Generators of invented records, one module a data set; ``population.py`` is their command line."""
