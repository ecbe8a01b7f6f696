"""Writes the dashboards: python3 grafana/generate.py [FOLDER].

Without a folder it writes to grafana/dashboards, where Grafana's provisioning reads them. English files go into the
folder itself, Spanish files into its subfolder `es`. The output depends only on source/.
"""

import json
import pathlib
import sys

# Do not leave __pycache__ in the source folder.
sys.dont_write_bytecode = True

from source import boards  # noqa: E402
from source.language import ENGLISH, SPANISH, unused  # noqa: E402
from source.links import dashboard_link  # noqa: E402


def main(folder: pathlib.Path) -> None:
    written = set()
    for language, subfolder in ((ENGLISH, folder), (SPANISH, folder / "es")):
        subfolder.mkdir(parents=True, exist_ok=True)
        for board in boards.ALL:
            dashboard = language.render(board.dashboard(language.tag))
            link = dashboard_link(language.other, language.address_in_other(board.uid))
            dashboard["links"].append({**link, "icon": "doc"})
            path = subfolder / f"{board.uid}.json"
            path.write_text(json.dumps(dashboard, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
            written.add(path)
    # Delete dashboards that have no source any more. Other files in the folder stay.
    for subfolder in (folder, folder / "es"):
        for path in set(subfolder.glob("wolkvox-*.json")) - written:
            path.unlink()
    if unused():
        sys.exit("source/spanish.py has texts that no dashboard uses: " + "; ".join(unused()))


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else pathlib.Path(__file__).parent / "dashboards")
