"""What the dashboards are made of.

queries    selectors and the expressions that several panels share
look       colours and words of values
panels     each kind of panel
board      variables, links and the grid
language   the texts in Spanish
the rest   one file a board, in English
"""
