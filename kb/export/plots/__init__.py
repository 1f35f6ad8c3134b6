"""Figures that stand on a page of the site and alone as a picture: layouts of numbers, drawn by `templates/figures.html`."""
