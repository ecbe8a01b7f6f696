"""Checks objects of Kubernetes: validate_objects.py VERSION_FOLDER CUSTOM_FOLDER <OBJECTS.

OBJECTS is a JSON list. The schemas of the objects that every Kubernetes has are in VERSION_FOLDER. Those of other
objects are in CUSTOM_FOLDER, as KIND.schema.json. An unknown field is an error. Prints one line for each object that is
wrong.
"""

import json
import pathlib
import sys
from typing import Any

import fastjsonschema


def schema_of(item: dict[str, Any], version: pathlib.Path, custom: pathlib.Path) -> dict[str, Any]:
    group, _, api_version = item["apiVersion"].rpartition("/")
    kind = item["kind"]
    if group == "monitoring.coreos.com":
        return json.loads((custom / f"{kind}.schema.json").read_text())
    # apps/v1 is apps-v1, and networking.k8s.io/v1 is networking-v1.
    name = "-".join(part for part in (kind.lower(), group.split(".")[0], api_version) if part)
    schema = json.loads((version / f"{name}.json").read_text())
    # The schemas refer to each other as /api/NAME.json.
    return schema | {"$id": f"file:///api/{name}.json"}


def main(version: pathlib.Path, custom: pathlib.Path) -> int:
    def load(uri: str) -> Any:
        return json.loads((version / uri.rpartition("/")[2]).read_text())

    wrong = 0
    for item in json.load(sys.stdin):
        schema = schema_of(item, version, custom)
        try:
            fastjsonschema.compile(schema, handlers={"file": load})(item)
        except fastjsonschema.JsonSchemaValueException as error:
            wrong += 1
            print(f"{item['kind']} {item['metadata']['name']}: {error.message}")
    return min(wrong, 1)


if __name__ == "__main__":
    sys.exit(main(*map(pathlib.Path, sys.argv[1:])))
