"""Pages in HTML, made from the templates beside this file: each is one file that loads nothing."""
