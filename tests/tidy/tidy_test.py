#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tidy finds what it is for: each case is one file with one fault in an otherwise empty repository."""

import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from tidy import Tidy  # noqa: E402

SPDX = "// SPDX-License-Identifier: Apache-2.0\n"
HASHED = "# SPDX-License-Identifier: Apache-2.0\n"
MARK = "TO" + "DO"


def findings(path, text):
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory).resolve() / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return Tidy(pathlib.Path(directory).resolve()).run()


class TidyTest(unittest.TestCase):
    def check(self, path, text, part):
        found = findings(path, text)
        self.assertEqual(len(found), 1, found)
        self.assertIn(part, found[0])
        self.assertTrue(found[0].startswith(path.split("/")[0]), found[0])

    def check_fine(self, path, text):
        self.assertEqual(findings(path, text), [])

    def test_includes_go_one_way(self):
        self.check("engine/src/base/a.cpp", SPDX + '#include "plan/plan.hpp"\n', "base includes")
        self.check_fine("engine/src/plan/a.cpp", SPDX + '#include "base/log.hpp"\n')

    def test_strangers_stay_strangers(self):
        self.check("engine/src/policy/a.cpp", SPDX + '#include "native/elf.hpp"\n', "never know")
        self.check("engine/src/script/a.cpp", SPDX + '#include "native/elf.hpp"\n', "never know")

    def test_a_new_folder_needs_a_place(self):
        self.check("engine/src/extra/a.cpp", SPDX + '#include "base/log.hpp"\n', "no place")

    def test_libraries_belong_to_one_folder(self):
        for include, owner in (("<boost/dll.hpp>", "native"), ("<lua.hpp>", "script"),
                               ("<yaml-cpp/yaml.h>", "policy"), ("<spdlog/spdlog.h>", "base")):
            self.check("engine/src/plan/a.cpp", f"{SPDX}#include {include}\n", owner)
            self.check_fine(f"engine/src/{owner}/a.cpp", f"{SPDX}#include {include}\n")

    def test_plugins_know_the_sdk(self):
        self.check("plugins/mine/a.cpp", SPDX + '#include "base/log.hpp"\n', "the SDK alone")
        self.check("plugins/mine/a.cpp", SPDX + "#include <boost/dll.hpp>\n", "the SDK alone")
        self.check_fine("plugins/mine/a.cpp", SPDX + '#include <vector>\n#include "lineup/plugin.hpp"\n')

    def test_a_type_is_defined_once(self):
        fine = "namespace lineup {\n%s\n}  // namespace lineup\n"
        with tempfile.TemporaryDirectory() as directory:
            root = pathlib.Path(directory).resolve()
            texts = {
                "engine/src/plan/a.hpp": fine % "struct Page {\n};\nclass Other;",
                "tests/plan/b.hpp": fine % "class Page final : public Other {\n};",
                "tests/plan/c.cpp": fine % "namespace {\nstruct Page {\n};\n}  // namespace",
                "tests/plan/d.hpp": fine % "class Page::Part {\n};\nclass Page;",
                "tests/plan/e.hpp": "namespace other {\nstruct Page {\n};\n}  // namespace other\n",
            }
            for path, text in texts.items():
                file = root / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(SPDX + text)
            found = Tidy(root).run()
        self.assertEqual(len(found), 1, found)
        self.assertIn("tests/plan/b.hpp:3: another `lineup::Page` than that of engine/src/plan/a.hpp",
                      found[0])

    def test_public_headers_stand_alone(self):
        self.check("sdk/include/lineup/a.h", SPDX + '#include "base/log.hpp"\n', "standard library")

    def test_lengths(self):
        self.check("engine/src/base/a.cpp", SPDX + "\n" * 500, "501 lines")
        self.check("engine/src/base/a.cpp", SPDX + "// " + "x" * 98 + "\n", "101 columns")
        self.check_fine("engine/src/base/a.cpp", SPDX + "// https://" + "x" * 98 + "\n")
        self.check_fine("engine/src/base/a.cpp", SPDX + 'f(R"(\n' + "x" * 200 + '\n)");\n')
        self.check("engine/src/base/a.cpp", SPDX + 'f(R"(\n)");\n' + "/" * 101 + "\n", "101 columns")

    def test_first_lines(self):
        self.check("engine/src/base/a.cpp", "int a;\n", "no licence")
        self.check("tests/a.py", "", "no licence")
        self.check_fine("tests/a.sh", "#!/usr/bin/env bash\n" + HASHED)

    def test_what_nobody_writes(self):
        self.check("rules/a.lua", f"-- SPDX-License-Identifier: Apache-2.0\n-- {MARK}\n", "for later")
        self.check("tests/a.py", HASHED + 'open("/ho' + 'me/me/a")\n', "path of one machine")

    def test_the_root_is_fixed(self):
        self.assertIn("stands at the root", findings("notes.md", "")[0])
        self.check_fine("build/a.txt", "")


if __name__ == "__main__":
    unittest.main()
