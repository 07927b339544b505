"""The site: pages of docs/, README and CHANGELOG, and pages generated from the catalogue, the commands and the code."""
