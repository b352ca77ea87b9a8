"""Conformance: what a design makes of records whose official results are known, column by column and record by record."""
