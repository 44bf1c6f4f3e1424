#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Habits of this repository that a compiler does not hold: who may include whom, how long a file
and a line may be, what the first line says. Prints every finding as file:line: what, and what would
be right; exits with 1 when there is one.

    python3 tests/tidy/tidy.py [REPOSITORY]
"""

import pathlib
import re
import sys

ROOT_NAMES = {
    "CMakeLists.txt", "CMakePresets.json", "LICENSE", "README.md",
    "engine", "examples", "plugins", "policies", "rules", "sdk", "tests",
}
# Made by builds; .gitignore names them.
UNTRACKED_NAMES = {"build", "compile_commands.json"}

# The folders of engine/src in the order of knowledge: each may include those before it.
ORDER = ["base", "crew", "desk", "rollout", "table", "batch", "condition", "constraint", "node", "native",
         "conformance", "isolate", "script", "policy", "control", "plan", "reload", "record", "trust",
         "audit", "facade"]
# Three ways into the engine that never know each other.
STRANGERS = {"native", "script", "policy"}
# What only one folder may include.
OWNERS = {
    re.compile(r"^boost/"): "native",
    re.compile(r"^(lua|lauxlib|lualib|luaconf)\.h(pp)?$|^lua5"): "script",
    re.compile(r"^yaml-cpp/"): "policy",
    re.compile(r"^(spdlog|cctz)/"): "base",
    re.compile(r"^sodium"): "trust",
    re.compile(r"^sqlite3"): "audit",
}

C_ENDINGS = {".c", ".h", ".cpp", ".hpp", ".in"}
SOURCE_ENDINGS = {".c", ".h", ".cpp", ".hpp", ".lua", ".py", ".sh", ".cmake"}
TEXT_ENDINGS = SOURCE_ENDINGS | {".md", ".yaml", ".yml", ".in", ".map", ".txt"}
FILE_LINES_MAX = 500
LINE_COLUMNS_MAX = 100

# Expected outputs and deliberately broken inputs are kept as they are.
AS_THEY_ARE = {"golden"}

INCLUDE = re.compile(r'^\s*#\s*include\s+(<([^>]+)>|"([^"]+)")')
NAMESPACE = re.compile(r"^namespace ?([\w:]*) ?\{")
NAMESPACE_END = re.compile(r"^\}  // namespace")
TYPE = re.compile(r"^(?:template <.*> )?(?:class|struct|union|enum class) (?:alignas\([^)]*\) )?"
                  r"(\w+)(?: final)?(?: : [^;]*)? *\{")
RAW_BEGIN = re.compile(r'R"\w*\(')
RAW_END = re.compile(r'\)\w*"')
LATER = re.compile(r"\b(TO" r"DO|FIX" r"ME|XX" r"X)\b")
# A path of somebody's machine; the fixed directories of a system are no such thing.
MACHINE = re.compile(r"(?<![\w.$}])/(work|home|root|Users|mnt)/\w")


def is_source(path):
    return path.suffix in SOURCE_ENDINGS or path.name == "CMakeLists.txt"


class Tidy:
    def __init__(self, root):
        self.root = root
        self.findings = []
        self.types = {}  # by their whole name: where each is defined

    def say(self, path, line, what, instead):
        place = path.relative_to(self.root)
        self.findings.append(f"{place}:{line}: {what}; {instead}")

    def files(self):
        for name in sorted(ROOT_NAMES):
            top = self.root / name
            if top.is_file():
                yield top
            for path in sorted(top.rglob("*")) if top.is_dir() else []:
                parts = path.relative_to(self.root).parts
                if path.is_file() and not any(p.startswith((".", "__")) for p in parts):
                    yield path

    def run(self):
        self.check_root()
        for path in self.files():
            if path.suffix not in TEXT_ENDINGS and path.name != "CMakeLists.txt":
                continue
            if AS_THEY_ARE & set(path.parts):
                continue
            lines = path.read_text(encoding="utf-8").splitlines()
            self.check_file(path, lines)
            if path.suffix in {".cpp", ".hpp"}:
                self.check_types(path, lines)
        return self.findings

    def check_root(self):
        for path in sorted(self.root.iterdir()):
            if path.name.startswith(".") or path.name in ROOT_NAMES | UNTRACKED_NAMES:
                continue
            self.say(path, 1, f"`{path.name}` stands at the root",
                     "the names there are fixed: put it into one of the folders")

    def check_file(self, path, lines):
        if is_source(path):
            self.check_first_line(path, lines)
            if len(lines) > FILE_LINES_MAX:
                self.say(path, len(lines), f"{len(lines)} lines",
                         f"a file has at most {FILE_LINES_MAX}: divide it")
        foreign = False
        for number, line in enumerate(lines, 1):
            # Text of another language inside C++ (JSON, Lua) is not cut by our columns.
            foreign = foreign or RAW_BEGIN.search(line) is not None
            if LATER.search(line):
                self.say(path, number, "work left for later", "do it, or open an issue")
            if MACHINE.search(line):
                self.say(path, number, "a path of one machine", "take it from the environment")
            if path.suffix in C_ENDINGS - {".in"}:
                if not foreign:
                    self.check_columns(path, number, line)
                self.check_include(path, number, line)
            foreign = foreign and RAW_END.search(line) is None

    # Two types of one name in one program are one to the linker, which takes either's destructor for
    # both. Headers of the SDK's tests stand in for the engine's and are never linked with it.
    def check_types(self, path, lines):
        if "testing" in path.parts:
            return
        within = []
        for number, line in enumerate(lines, 1):
            if begun := NAMESPACE.match(line):
                within.append(begun.group(1))
            elif NAMESPACE_END.match(line) and within:
                within.pop()
            elif (defined := TYPE.match(line)) and "" not in within:
                name = "::".join([*within, defined.group(1)])
                if within and name in self.types:
                    self.say(path, number, f"another `{name}` than that of {self.types[name]}",
                             "give one of the two another name")
                self.types.setdefault(name, path.relative_to(self.root))

    def check_first_line(self, path, lines):
        first = lines[1:2] if lines and lines[0].startswith("#!") else lines[:1]
        if not first or "SPDX-License-Identifier: Apache-2.0" not in first[0]:
            self.say(path, 1, "no licence on the first line",
                     "begin with `SPDX-License-Identifier: Apache-2.0`")

    def check_columns(self, path, number, line):
        if len(line) > LINE_COLUMNS_MAX and "://" not in line:
            self.say(path, number, f"{len(line)} columns",
                     f"a line has at most {LINE_COLUMNS_MAX}: run clang-format")

    def check_include(self, path, number, line):
        found = INCLUDE.match(line)
        if not found:
            return
        included = found.group(2) or found.group(3)
        parts = path.relative_to(self.root).parts
        if included.startswith("../") and parts[0] != "tests":
            self.say(path, number, f"includes `{included}` by a relative path",
                     "write the path from the include root")
        if parts[0] == "engine":
            self.check_owner(path, number, included, parts)
        if parts[:2] == ("engine", "src") and len(parts) >= 4:
            self.check_order(path, number, included, parts[2])
        elif parts[:2] == ("engine", "cli"):
            self.check_begin(path, number, included, found,
                             ("cli/", "facade/facade.hpp", "facade/trust_facade.hpp", "lineup/",
                              "base/", "table/"),
                             "the program knows the public headers and what the facade offers")
        elif parts[0] == "plugins":
            own = (path.parent / included).is_file()
            allowed = ("lineup/", "nlohmann/")
            if not own:
                self.check_begin(path, number, included, found, allowed,
                                 "a plugin knows the SDK alone")
        elif parts[:2] == ("sdk", "include"):
            self.check_begin(path, number, included, found, ("lineup/",),
                             "public headers include each other and the standard library")

    def check_owner(self, path, number, included, parts):
        folder = parts[2] if len(parts) >= 4 and parts[1] == "src" else parts[1]
        for pattern, owner in OWNERS.items():
            if pattern.search(included) and folder != owner:
                self.say(path, number, f"includes `{included}`", f"only engine/src/{owner} does")

    def check_order(self, path, number, included, folder):
        other = included.split("/")[0]
        if folder not in ORDER:
            self.say(path, number, f"engine/src/{folder} has no place in the order",
                     "add it to ORDER in tests/tidy/tidy.py and to engine/ARCHITECTURE.md")
        elif other in ORDER and ORDER.index(other) > ORDER.index(folder):
            self.say(path, number, f"{folder} includes `{included}`",
                     "knowledge goes the other way: " + " -> ".join(ORDER))
        elif other != folder and {other, folder} <= STRANGERS:
            self.say(path, number, f"{folder} includes `{included}`",
                     "native, script and policy never know each other")

    def check_begin(self, path, number, included, found, allowed, instead):
        # In angle brackets stand the standard library and the system; what has a folder of its own
        # there is a library that must be allowed by name.
        is_system = found.group(2) and ("/" not in included or included.startswith("sys/"))
        if not is_system and not included.startswith(allowed) and not self.is_library(path, included):
            self.say(path, number, f"includes `{included}`", instead)

    def is_library(self, path, included):
        """The program reads JSON and its command line with libraries of its own choice."""
        return path.relative_to(self.root).parts[:2] == ("engine", "cli") and included.startswith(
            ("nlohmann/", "CLI/", "fmt/", "tl/"))


def main():
    here = pathlib.Path(__file__).resolve().parents[2]
    root = pathlib.Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else here
    findings = Tidy(root).run()
    for finding in findings:
        print(finding)
    print(f"{len(findings)} findings" if findings else "tidy")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
