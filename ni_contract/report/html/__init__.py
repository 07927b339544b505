"""Reports as one HTML file that loads nothing: everything in it is escaped, and works without its script."""
