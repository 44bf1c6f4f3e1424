# SPDX-License-Identifier: Apache-2.0
"""A bundle of its own for each test, the program run on it, and rules counted in plain words: what
is checked here shares no code with the engine."""

import json
import os
import pathlib
import random
import subprocess
import tempfile

PROGRAM = os.environ.get("LINEUP_PROGRAM", "lineup")
GRAPH = [{"id": "page", "generate": "score_order"},
         {"id": "value", "evaluate": "weighted_sum", "from": ["page"]},
         {"id": "best", "select": "best", "from": ["value"]}]
COLUMNS = {"score": {"type": "float"}, "category": {"type": "category"},
           "author": {"type": "category"}, "is_new": {"type": "bool", "default": False}}


class Scene:
    """A policy with these rules, in a directory that is removed with it."""

    def __init__(self, rules, page=10, columns=None, graph=None, **more):
        self.directory = tempfile.TemporaryDirectory(prefix="lineup-faults-")
        self.root = pathlib.Path(self.directory.name)
        self.write(rules, page, columns, graph, **more)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.directory.cleanup()

    def write(self, rules, page=10, columns=None, graph=None, **more):
        # JSON is YAML: nothing has to be quoted. The deadline is far: a busy machine changes no page.
        policy = {"lineup": 1, "scene": "feed", "page": page, "columns": columns or COLUMNS,
                  "objectives": {"relevance": {"column": "score"}}, "rules": rules,
                  "graph": graph or GRAPH, "fallback": "score_order",
                  "limits": {"deadline_ms": 60000}, **more}
        target = self.root / "policies" / "feed.yaml"
        target.parent.mkdir(exist_ok=True)
        draft = self.root / "draft~"
        draft.write_text(json.dumps(policy), encoding="utf-8")
        draft.rename(target)

    def run(self, requests, *arguments):
        """The responses, in order."""
        path = self.root / "requests.jsonl"
        path.write_text("".join(json.dumps(r) + "\n" for r in requests), encoding="utf-8")
        done = subprocess.run([PROGRAM, "run", "--bundle", str(self.root), "--requests", str(path),
                               *arguments], capture_output=True, text=True, timeout=300, check=False)
        if done.returncode > 1:
            raise AssertionError(f"the program could not run: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    def page(self, candidates, **more):
        """The response to one request."""
        return self.run([request(candidates, **more)])[0]


def request(candidates, **more):
    return {"id": "r1", "scene": "feed", "seed": 1, "candidates": candidates, **more}


def rows(categories, **columns):
    """Candidates i0, i1, ... of these categories (None: the row does not say), best first."""
    out = []
    for i, category in enumerate(categories):
        row = {"id": f"i{i}", "score": round(1.0 - i * 0.001, 6)}
        if category is not None:
            row["category"] = category
        for name, values in columns.items():
            if values[i] is not None:
                row[name] = values[i]
        out.append(row)
    return out


def shown(response, candidates):
    """The rows of the page, whole."""
    by_id = {}
    for row in candidates:
        by_id.setdefault(row["id"], row)
    return [by_id[item] for item in response["slate"]]


def alike_neighbours(page, column="category"):
    values = [row.get(column) for row in page]
    return sum(1 for a, b in zip(values, values[1:]) if a is not None and a == b)


def skewed(count, kinds, seed):
    """Categories of `count` rows, the first kind much more often than the last."""
    draw = random.Random(seed)
    weights = [1.0 / (k + 1) for k in range(kinds)]
    return [f"c{k}" for k in draw.choices(range(kinds), weights, k=count)]


def apart(size=2, most=1, priority=50, **more):
    return {"use": "category_scatter", "with": {"window": size, "max": most}, "priority": priority,
            **more}


def pin(item, slot, priority=90, name=None):
    return {"use": "pin", "as": name or f"pin_{item}", "with": {"id": item, "slot": slot},
            "priority": priority}
