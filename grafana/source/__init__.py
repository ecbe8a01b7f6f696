"""The source of the dashboards.

    queries     selectors, and expressions that several panels share
    style       colours, thresholds and the words of state codes
    panels/     one file per kind of panel
    board       a whole dashboard: settings and the grid
    variables   the variables at the top of a dashboard
    links       links from one dashboard to another
    language    translates a dashboard; the Spanish texts are in spanish
    boards/     one file per dashboard, with English texts

`grafana/generate.py` writes the JSON files.
"""
