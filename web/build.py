#!/usr/bin/env python3
"""Build the studio's page, with Python's standard library, Node.js and npm.

    python3 web/build.py [FOLDER]     into src/focusstack/studio/page, or FOLDER

Does nothing if the page there is of these sources. Exit status 3, after saying why, if it cannot be
built; the studio then says how to get the page.
"""

import hashlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAGE = HERE.parent / "src" / "focusstack" / "studio" / "page"
SOURCES = ("*.html", "*.json", "vite.config.ts", "src/*")
OLDEST = (20, 19)
STAMP = "built-from.txt"
CANNOT = 3


def main():
    """Build it, unless it is there."""
    page = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else PAGE
    wanted = fingerprint()
    stamp = page / STAMP
    if stamp.is_file() and stamp.read_text() == wanted:
        return 0
    reason = missing()
    if reason:
        print(f"the studio's page was not built: {reason}")
        return CANNOT
    log = HERE / "build.log"
    for command in (
        ["npm", "ci", "--no-audit", "--no-fund"],
        ["npm", "run", "build", "--", "--outDir", str(page), "--emptyOutDir"],
    ):
        with log.open("ab") as file:
            command[0] = shutil.which(command[0])
            done = subprocess.run(command, cwd=HERE, stdout=file, stderr=subprocess.STDOUT)
        if done.returncode:
            print(f"the studio's page was not built; what npm said is in {log}")
            return CANNOT
    stamp.write_text(wanted)
    log.unlink()
    return 0


def fingerprint():
    """Changes with the sources."""
    digest = hashlib.sha256()
    for pattern in SOURCES:
        for path in sorted(HERE.glob(pattern)):
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def missing():
    """What the machine lacks; empty if nothing."""
    needed = "Node.js {}.{} or newer with npm (https://nodejs.org)".format(*OLDEST)
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return f"it needs {needed}"
    said = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    found = re.match(r"v(\d+)\.(\d+)", said)
    if not found or (int(found[1]), int(found[2])) < OLDEST:
        return f"this is Node.js {said.strip()}, it needs {needed}"
    return ""


if __name__ == "__main__":
    sys.exit(main())
