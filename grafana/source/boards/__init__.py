"""One file per dashboard."""

from . import agents, day, dnis, exporter, ivr_transfers, skill, wallboard

# In the order of their links.
ALL = [module.BOARD for module in (wallboard, skill, day, dnis, agents, ivr_transfers, exporter)]
