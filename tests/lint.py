# SPDX-License-Identifier: MIT
"""What no compiler says: banned functions, missing licence lines, files that grew too long, formatting."""

import pathlib
import re
import shutil
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parent.parent
SHIPPED = ("common", "proxy", "launcher", "compositor")
FOLDERS = (*SHIPPED, "tests")
LINES_MAX = 600
# A line may use one with a comment "lint: NAME allowed, REASON".
BANNED = {
    "strcpy": "no bound", "strcat": "no bound", "sprintf": "no bound", "vsprintf": "no bound", "gets": "no bound",
    "atoi": "no errors", "atol": "no errors", "strtok": "hidden state", "system": "a shell", "popen": "a shell",
    "alloca": "no bound on the stack", "mktemp": "a race", "tmpnam": "a race",
}
CALL = re.compile(r"(?<![\w.>\"])(%s)\s*\(" % "|".join(BANNED))


def check_file(path):
    text = path.read_text()
    name = path.relative_to(SOURCE)
    lines = text.splitlines()
    if not any("SPDX-License-Identifier" in line for line in lines[:3]):
        yield f"{name}:1: no SPDX-License-Identifier"
    for number, line in enumerate(lines, 1):
        # Tests copy what they wrote themselves; and a comment calls nothing.
        checked = path.suffix in (".c", ".h") and name.parts[0] in SHIPPED
        found = CALL.search(line) if checked and not line.lstrip().startswith(("/*", "*")) else None
        if found and f"lint: {found[1]} allowed" not in line:
            yield f"{name}:{number}: {found[1]}(): {BANNED[found[1]]}"
    if len(lines) > LINES_MAX:
        print(f"{name}: warning: {len(lines)} lines, over {LINES_MAX}")


CLAIMS = "docs/security-checklist.md"
TEST_FILES = {"unit": "tests/unit/test_{}.c", "int": "tests/integration/test_{}.py", "vm": "tests/vm/test_{}.py",
              "fuzz": "tests/fuzz/fuzz_{}.c"}
CLAIM = re.compile(r"`(?P<kind>unit|int|vm|fuzz)/(?P<file>\w+)`|\b(?P<test>test_\w+)(?P<more>[*…]?)")


def check_claims():
    """Is each test there that the checklist names?"""
    for number, line in enumerate((SOURCE / CLAIMS).read_text().splitlines(), 1):
        text = ""
        for claim in CLAIM.finditer(line) if line.startswith("|") else ():
            if claim["kind"]:
                path = SOURCE / TEST_FILES[claim["kind"]].format(claim["file"])
                text = path.read_text() if path.exists() else ""
                found = bool(text)
            else:
                found = re.search(claim["test"] + ("" if claim["more"] else r"\b"), text)
            if not found:
                yield f"{CLAIMS}:{number}: there is no {claim[0]}"


def main():
    files = sorted(path for folder in FOLDERS for path in (SOURCE / folder).rglob("*")
                   if path.suffix in (".c", ".h", ".py"))
    findings = [finding for path in files for finding in check_file(path)] + [*check_claims()]
    print("\n".join(findings))
    status = 1 if findings else 0
    sources = [str(path) for path in files if path.suffix != ".py"]
    if shutil.which("clang-format"):
        status |= subprocess.run(["clang-format", "--dry-run", "-Werror", *sources], cwd=SOURCE, check=False).returncode
    return status


if __name__ == "__main__":
    sys.exit(main())
