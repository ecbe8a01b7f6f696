"""Writes the tables of the benches into docs/performance.md and README.md.

The argument is the folder with the output of the benches: NAME.md has the tables of a bench, NAME.tsv its figures for
the top of the page. Each page has the texts around the tables, and marks where they belong:

    <!-- begin NAME -->
    <!-- end NAME -->

A bench that has no file keeps its tables.
"""

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
PAGES = [PROJECT / "docs/performance.md", PROJECT / "README.md"]

# The order of the benches in the tables of figures.
BENCHES = ["http", "operations", "size", "instructions", "times", "rules", "dashboards"]


def figures(folder: Path, kind: str) -> list[list[str]]:
    """The lines of this kind in the order of the benches, as cells without the kind."""
    files = [folder / f"{bench}.tsv" for bench in BENCHES]
    lines = [line.split("\t") for file in files if file.is_file() for line in file.read_text("utf-8").splitlines()]
    return [cells[1:] for cells in lines if cells[0] == kind]


def table(titles: list[str], rows: list[list[str]]) -> str:
    """A table in Markdown; an empty text without rows."""
    lines = [titles, ["---"] * len(titles), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines) if rows else ""


def machine() -> str:
    """The machine and the programs, in a sentence for each."""
    model = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text("utf-8"))
    memory = int(re.search(r"MemTotal:\s*(\d+)", Path("/proc/meminfo").read_text("utf-8")).group(1)) / 2**20
    rust = subprocess.run(["rustc", "--version"], capture_output=True, text=True, check=True).stdout.split()[1]
    processor = model.group(1) if model else platform.machine()
    cores, linux = os.cpu_count(), platform.release().split("-")[0]
    return (
        f"Machine: {processor}, {cores} cores, {memory:.0f} GiB of memory, Linux {linux}.\n"
        f"Rust {rust}, profile `release`.\n"
    )


def sections(folder: Path) -> dict[str, str]:
    """The new content by name."""
    found = {file.stem: file.read_text("utf-8").strip() + "\n" for file in folder.glob("*.md")}
    of_users = [[figure, value, f"`{command}`"] for figure, value, command in figures(folder, "figure")]
    found["figures"] = table(["Figure", "Value", "Command"], of_users)
    found["targets"] = table(["Figure", "Target", "Measured", "Met"], figures(folder, "target"))
    found["machine"] = machine()
    return {name: text for name, text in found.items() if text.strip()}


def main(folder: Path) -> None:
    """Replaces what is between the marks of each page."""
    contents = sections(folder)
    for page in PAGES:
        text = page.read_text("utf-8")
        for name, content in contents.items():
            marks = re.compile(rf"(<!-- begin {name} -->\n).*?(<!-- end {name} -->)", re.DOTALL)
            text = marks.sub(lambda match, content=content: f"{match[1]}{content}{match[2]}", text)
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
