"""Columns in and out: tables of any producer of Arrow data, grouped."""
