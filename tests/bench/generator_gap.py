#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How much every generator leaves, against `exact`, on pages small enough to be proven.

  generator_gap.py LINEUP [--requests N] [--front FILE.svg]

Every generator gets the same seeded requests under the same rules, as the only one of its graph,
with an evaluator of the discounted score and the selector. Its gap is the share of the proven page's
value that its own gives up. Generators that aim at something else (diversity, several objectives,
chance) give it up for that; generators that aim at the score should not. Then the constrained mix
against every placement there is, and its front of revenue against user value.
"""
import argparse
import itertools
import json
import math
import os
import random
import statistics
import subprocess
import tempfile

PAGE, ROWS = 6, 40
RULES = """rules:
  - {use: category_scatter, with: {by: category, window: 3, max: 1}, priority: 20}
  - {use: author_cap, with: {by: author, max: 1}, priority: 10}
limits: {work: 20000000, deadline_ms: 60000}
"""
GENERATORS = {
    "exact": "",
    "score_order": "",
    "local_search": "",
    "sequence_beam": "values: [{column: score}], continue: '', continue_default: 0.8",
    "pareto": "queues: [{column: score}, {column: revenue, weight: 0.1}]",
    "sampled": "slates: 20, temperature: 0.05",
    "mmr": "theta: 0.9, categories: [{column: category}]",
    "dpp": "theta: 0.9, categories: [{column: category}]",
    "ssd": "categories: [{column: category}]",
    "thompson": "slots: [4]",
    "channel_mix": "gap: 3, first_slot: 2",
}


def policy(generator, options):
    return f"""lineup: 1
scene: home
page: {PAGE}
columns:
  score: {{type: float}}
  revenue: {{type: float}}
  exposures: {{type: float}}
  clicks: {{type: float}}
  category: {{type: category}}
  author: {{type: category}}
  type: {{type: category}}
objectives: {{relevance: {{column: score, default: 1.0}}}}
{RULES}graph:
  - {{id: page, generate: {generator}, with: {{{options}}}}}
  - {{id: value, evaluate: weighted_sum, from: [page]}}
  - {{id: best, select: best, from: [value]}}
"""


def make_requests(count):
    dice = random.Random(7)
    out = []
    for number in range(count):
        items = []
        for row in range(ROWS):
            ad = dice.random() < 0.25
            items.append({
                "id": f"v{row}", "score": dice.random() * (0.4 if ad else 1.0),
                "revenue": 0.1 + dice.random() if ad else 0.0,
                "exposures": dice.choice([0.0, 50.0, 5000.0]), "clicks": 0.0,
                "category": f"c{dice.randrange(8)}", "author": f"a{dice.randrange(12)}",
                "type": "ad" if ad else "post"})
        out.append({"id": str(number), "scene": "home", "seed": number, "candidates": items})
    return out


def answers(lineup, text, requests):
    with tempfile.TemporaryDirectory() as bundle:
        os.mkdir(os.path.join(bundle, "policies"))
        with open(os.path.join(bundle, "policies", "home.yaml"), "w", encoding="utf-8") as file:
            file.write(text)
        lines = "".join(json.dumps(request) + "\n" for request in requests)
        run = subprocess.run([lineup, "run", "--bundle", bundle, "--requests", "-", "--out", "-"], input=lines, text=True, capture_output=True,
                             check=False)
        found = [json.loads(line) for line in run.stdout.splitlines()]
        if len(found) != len(requests):
            raise SystemExit(run.stderr)
        return found


def worth(rows, column, slate):
    return sum(rows[row][column] / math.log2(slot + 2) for slot, row in enumerate(slate))


def print_gaps(lineup, requests):
    by_generator = {}
    for name, options in GENERATORS.items():
        found = answers(lineup, policy(name, options), requests)
        by_generator[name] = [
            (worth({row["id"]: row for row in request["candidates"]}, "score", answer["slate"]),
             answer["status"], answer["search"]) for request, answer in zip(requests, found)]
    truth = by_generator["exact"]
    proven = [i for i, (_, status, search) in enumerate(truth)
              if status == "ok" and search == "complete"]
    print(f"{len(proven)} of {len(requests)} pages proven")
    print("| generator | gap median % | mean % | largest % | pages that break a rule |")
    print("|---|---|---|---|---|")
    for name, found in by_generator.items():
        gaps = [100.0 * (1.0 - found[i][0] / truth[i][0]) for i in proven]
        broken = sum(found[i][1] != "ok" for i in proven)
        print(f"| {name} | {statistics.median(gaps):.2f} | {statistics.mean(gaps):.2f} | "
              f"{max(gaps):.2f} | {broken} |")


MIX = "lineup: 1\nscene: home\npage: 10\ncolumns:\n  score: {type: float}\n" \
      "  revenue: {type: float}\n  type: {type: category}\ngraph:\n" \
      "  - {id: page, generate: channel_mix, with: {gap: 3, first_slot: 2, floor: %s, %s}}\n"


def placements(slots, gap, first):
    for count in range(slots + 1):
        for spots in itertools.combinations(range(first - 1, slots), count):
            if all(b - a > gap for a, b in zip(spots, spots[1:])):
                yield set(spots)


def best_mix(items, floor):
    """The most revenue, and the user value without ads, by trying every placement."""
    ads = sorted((r for r in items if r["type"] == "ad"), key=lambda r: -r["revenue"])
    own = sorted((r for r in items if r["type"] != "ad"), key=lambda r: -r["score"])
    base = sum(r["score"] / math.log2(s + 2) for s, r in enumerate(own[:10]))
    best = 0.0
    for spots in placements(10, 3, 2):
        ad, other, page = iter(ads), iter(own), []
        for slot in range(10):
            page.append(next(ad if slot in spots else other, None))
        if None in page:
            continue
        user = sum(r["score"] / math.log2(s + 2) for s, r in enumerate(page))
        if user >= floor * base - 1e-9:
            best = max(best, sum(r["revenue"] / math.log2(s + 2) for s, r in enumerate(page)))
    return best, base


def mix_figures(lineup, requests, floor, options):
    """Revenue reached, revenue possible, user value kept, largest gap, and what was broken."""
    found = answers(lineup, MIX % (floor, options), requests)
    reached = possible = kept = 0.0
    largest, below, gaps_broken = 0.0, 0, 0
    for request, answer in zip(requests, found):
        rows = {row["id"]: row for row in request["candidates"]}
        best, base = best_mix(request["candidates"], floor)
        got = worth(rows, "revenue", answer["slate"])
        user = worth(rows, "score", answer["slate"])
        reached += got
        possible += best
        kept += user / base / len(requests)
        largest = max(largest, 1.0 - got / best if best > 0 else 0.0)
        below += user < floor * base - 1e-6
        spots = [s for s, r in enumerate(answer["slate"]) if rows[r]["type"] == "ad"]
        gaps_broken += sum(b - a <= 3 for a, b in zip(spots, spots[1:])) + (0 in spots)
    return reached, possible, kept, largest, below, gaps_broken


def print_mix(lineup, requests):
    print("\n| floor | method | revenue of the possible % | largest gap % | user value kept % | "
          "below floor | gap violations |")
    print("|---|---|---|---|---|---|---|")
    points = []
    for floor in (0.7, 0.8, 0.85, 0.9, 0.93, 0.96, 0.98, 1.0):
        for method, options in (("exact", "tolerance: 0"), ("exact, as it comes", ""),
                                ("shadow bid", "method: shadow_bid")):
            reached, possible, kept, largest, below, broken = mix_figures(
                lineup, requests, floor, options)
            share = 100.0 * reached / possible if possible > 0 else 100.0
            print(f"| {floor} | {method} | {share:.2f} | {100 * largest:.2f} | {100 * kept:.1f} | "
                  f"{below} | {broken} |")
            points.append((method, kept, reached / len(requests)))
    return points


def draw(points, path):
    """The front as an SVG: revenue per page over user value kept."""
    colors = {"exact": "#1f77b4", "shadow bid": "#d62728"}
    points = [point for point in points if point[0] in colors]
    lows = min(p[1] for p in points), min(p[2] for p in points)
    highs = max(p[1] for p in points), max(p[2] for p in points)
    place = lambda p: (60 + 400 * (p[1] - lows[0]) / (highs[0] - lows[0] or 1),
                       260 - 220 * (p[2] - lows[1]) / (highs[1] - lows[1] or 1))
    out = ["<!-- SPDX-License-Identifier: Apache-2.0; made by tests/bench/generator_gap.py -->",
           '<svg xmlns="http://www.w3.org/2000/svg" width="500" height="310" '
           'font-family="sans-serif" font-size="12">',
           '<rect width="500" height="310" fill="white"/>',
           '<path d="M60 30V260H470" fill="none" stroke="black"/>',
           '<text x="180" y="300">user value kept</text>',
           '<text x="14" y="20">revenue per page</text>']
    for axis in (0.0, 0.5, 1.0):
        user = lows[0] + axis * (highs[0] - lows[0])
        money = lows[1] + axis * (highs[1] - lows[1])
        out.append(f'<text x="{45 + 400 * axis:.0f}" y="278">{100 * user:.0f} %</text>')
        out.append(f'<text x="20" y="{264 - 220 * axis:.0f}">{money:.2f}</text>')
    for row, (method, color) in enumerate(colors.items()):
        line = [place(p) for p in points if p[0] == method]
        path_text = " ".join(f"{x:.1f},{y:.1f}" for x, y in line)
        out.append(f'<polyline points="{path_text}" fill="none" stroke="{color}"/>')
        out += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{color}"/>' for x, y in line]
        out.append(f'<text x="380" y="{40 + 18 * row}" fill="{color}">{method}</text>')
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(out) + "\n</svg>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("lineup")
    parser.add_argument("--requests", type=int, default=40)
    parser.add_argument("--front", help="write the front of the mix here, as SVG")
    options = parser.parse_args()
    requests = make_requests(options.requests)
    print_gaps(options.lineup, requests)
    points = print_mix(options.lineup, requests)
    if options.front:
        draw(points, options.front)


if __name__ == "__main__":
    main()
