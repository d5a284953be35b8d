"""The crates of the native module as a CycloneDX bill of materials: ``python upkeep/crates_sbom.py OUT.json``.

What is compiled into the wheel comes from the lock file; crates that only tests use are left out.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

MANIFEST = Path("rust_tools/crates/py/Cargo.toml")


def bill() -> dict[str, Any]:
    """Every crate that the module is built of, with its licence and the checksum-bearing name of its source."""
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--manifest-path", str(MANIFEST)]
    found = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    used = reached(found["resolve"])
    packages = sorted((p for p in found["packages"] if p["id"] in used and p["source"]), key=lambda p: p["id"])
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {"type": "library", "name": "tools._native", "bom-ref": "root"}},
        "components": [component(package) for package in packages],
    }


def reached(resolve: dict[str, Any]) -> set[str]:
    """The ids that the root reaches by ordinary dependencies and build scripts."""
    nodes = {node["id"]: node for node in resolve["nodes"]}
    seen, waiting = set[str](), [resolve["root"]]
    while waiting:
        if (name := waiting.pop()) in seen:
            continue
        seen.add(name)
        for dependency in nodes[name]["deps"]:
            if any(kind["kind"] != "dev" for kind in dependency["dep_kinds"]):
                waiting.append(dependency["pkg"])
    return seen


def component(package: dict[str, Any]) -> dict[str, Any]:
    """One crate."""
    address = f"pkg:cargo/{package['name']}@{package['version']}"
    licence = (package["license"] or "").replace("/", " OR ")
    return {
        "type": "library",
        "bom-ref": address,
        "name": package["name"],
        "version": package["version"],
        "purl": address,
        "licenses": [{"expression": licence}] if licence else [],
    }


def main() -> int:
    """Write the bill."""
    out = Path(sys.argv[1])
    made = bill()
    out.write_text(json.dumps(made, indent=2) + "\n", encoding="utf-8")
    print(f"written: {out} ({len(made['components'])} crates)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
