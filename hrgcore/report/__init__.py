"""What reports are made of: pages of HTML that stand alone, plots, workbooks and tables in files."""
