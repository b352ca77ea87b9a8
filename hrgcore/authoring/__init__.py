"""Tools of design teams: packages, differences, manuals, workbooks, conformance."""
