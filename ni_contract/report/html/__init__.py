"""Reports as one HTML file that loads nothing: all text in it is escaped, and it works without its script."""
