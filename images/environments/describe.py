"""Writes what an environment is made of, from the metadata of what is installed: sbom.cdx.json, a CycloneDX 1.5 bill of materials, and
NOTICES.txt, the licences of all packages with their texts. Runs under the environment's Python; its one argument is the folder."""

import hashlib
import json
import re
import sys
import uuid
from importlib.metadata import distributions
from pathlib import Path

TEXTS = re.compile(r"(licen[cs]e|copying|notice|authors)", re.IGNORECASE)


def name_of(dist):
    return re.sub(r"[-_.]+", "-", dist.metadata["Name"]).lower()


def licence_of(dist):
    """As the package says: an SPDX expression, else its classifiers, else the first line of what it calls its licence."""
    meta = dist.metadata
    classified = [line.split(" :: ")[-1] for line in meta.get_all("Classifier") or [] if line.startswith("License :: ")]
    said = (meta.get("License") or "").strip().split("\n")[0]
    return meta.get("License-Expression") or ", ".join(classified) or said or "not stated"


def component(dist):
    name, version = name_of(dist), dist.version
    record = dist.read_text("RECORD") or ""
    return {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name}@{version}",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name}@{version}",
        "licenses": [{"license": {"name": licence_of(dist)}}],
        # Of the list of all its files with their hashes.
        "properties": [{"name": "bine:record-sha256", "value": hashlib.sha256(record.encode()).hexdigest()}],
    }


def notice(dist):
    parts = [f"{name_of(dist)} {dist.version}\nLicence: {licence_of(dist)}"]
    for path in sorted({path for path in dist.files or [] if ".dist-info" in str(path) and TEXTS.search(path.name)}):
        if path.locate().is_file():
            parts.append(f"--- {path.name} ---\n{path.locate().read_text(errors='replace').strip()}")
    return "\n\n".join(parts)


def main(folder):
    found = sorted(distributions(), key=name_of)
    folder.mkdir(parents=True, exist_ok=True)
    components = [component(dist) for dist in found]
    # The same content has the same number, so that it can be compared.
    number = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(components, sort_keys=True))
    bill = {"bomFormat": "CycloneDX", "specVersion": "1.5", "serialNumber": f"urn:uuid:{number}", "version": 1, "components": components}
    (folder / "sbom.cdx.json").write_text(json.dumps(bill, indent=1) + "\n")
    line = "\n\n" + "=" * 80 + "\n\n"
    (folder / "NOTICES.txt").write_text(line.join(notice(dist) for dist in found) + "\n")


main(Path(sys.argv[1]))
