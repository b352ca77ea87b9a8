"""The official file formats: record definition file, input, output file set, summary."""
