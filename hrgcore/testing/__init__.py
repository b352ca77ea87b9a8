"""The kit for authors of designs and plugins: checks to run on a package of their own."""
