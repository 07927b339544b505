"""Documents made from the templates beside this file: pages that load nothing, Markdown, a badge."""
