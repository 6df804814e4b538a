"""What the data looks like: figures as PNGs, and one page that holds them all.

statistics.py    the numbers behind it
plots.py         the figures
page.py          exploration.html
"""
