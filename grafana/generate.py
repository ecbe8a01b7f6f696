"""Writes the dashboards: python3 grafana/generate.py [FOLDER].

Without a folder they go to grafana/dashboards, where Grafana's provisioning and people find them. English files lie in
the folder itself, Spanish ones in es/ below it. What is written depends on source/ alone.
"""

import json
import pathlib
import sys

# The folder of the sources stays as it is.
sys.dont_write_bytecode = True

from source import agents, dnis, exporter, ivr_transfers, skill, wall
from source.language import ENGLISH, SPANISH, unused

BOARDS = [module.BOARD for module in (wall, skill, dnis, agents, ivr_transfers, exporter)]


def main(folder):
    written = set()
    for language, place in ((ENGLISH, folder), (SPANISH, folder / "es")):
        place.mkdir(parents=True, exist_ok=True)
        for board in BOARDS:
            dashboard = language.speak(board.dashboard(BOARDS))
            path = place / f"{board.uid}.json"
            path.write_text(json.dumps(dashboard, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            written.add(path)
    # A board that is given up would stay for ever. Other files in the folder are not ours.
    for place in (folder, folder / "es"):
        for path in set(place.glob("wolkvox-*.json")) - written:
            path.unlink()
    if unused():
        sys.exit("in source/language.py, but on no board: " + "; ".join(unused()))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "dashboards")
