"""What the dashboards are made of.

queries    selectors and the expressions that several panels share
pieces     colours, mappings, variables, panels, the grid: how a board looks
language   the texts in Spanish
the rest   one file a board, in English
"""
