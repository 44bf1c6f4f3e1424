#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes requests for the scene `movies` from catalogue.csv, the way an upstream ranker would.

Every user has a taste: a weight per genre, and how much they care for what is new. Candidates are
drawn by taste and fame, scored by taste, rating and fame, and some are sponsored. The same seed
gives the same bytes on every machine: nothing but `random.Random(seed).random()` is drawn from,
which is the one method whose sequence Python promises to keep.

    python3 make_requests.py --users 1000 --seed 7 > requests.jsonl
"""

import argparse
import csv
import json
import math
import random
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
EDITORS_PICK = "m207"  # Casablanca, which policies/movies.yaml pins
RECENT = "2008-01-01"  # the same absolute date as in policies/movies.yaml
FIELDS = ["id", "score", "title", "genre", "distributor", "released", "rating", "votes",
          "minutes", "sponsored"]


def read_catalogue(path):
    """The films, with numbers as numbers and missing values as None."""
    kinds = {"rating": float, "votes": int, "minutes": int}
    with open(path, encoding="utf-8", newline="") as file:
        return [
            {name: kinds.get(name, str)(text) if text else None for name, text in row.items()}
            for row in csv.DictReader(file)
        ]


def make_taste(genres, rng):
    """One loved genre, a second one, and a little of everything else."""
    taste = {genre: 0.1 + 0.3 * rng.random() for genre in genres}
    taste[genres[int(rng.random() * len(genres))]] = 0.8
    taste[genres[int(rng.random() * len(genres))]] = 1.0
    return taste


def fame(film):
    """0 for a film nobody voted on, 1 for one with half a million votes."""
    return math.log10(1 + (film["votes"] or 0)) / math.log10(500_000)


def draw(films, weights, count, rng):
    """`count` different films; a film twice as heavy comes twice as soon (exponential keys)."""
    keyed = [(-math.log(1.0 - rng.random()) / weight, place)
             for place, weight in enumerate(weights)]
    return [films[place] for _, place in sorted(keyed)[:count]]


def make_candidate(film, taste, love_of_new, rng):
    """What the upstream ranker says about one film for one user."""
    rating = 5.5 if film["rating"] is None else film["rating"]
    score = (0.45 * taste.get(film["genre"], 0.25)
             + 0.22 * (rating - 2.0) / 7.5
             + 0.13 * fame(film)
             + 0.10 * rng.random())
    if film["released"] >= RECENT:
        score += love_of_new
    # The editors' pick is never sold, so that the pin and the spacing of ads cannot meet.
    sponsored = rng.random() < 0.06 and film["id"] != EDITORS_PICK
    if sponsored:
        score += 0.08  # what the sponsor's bid adds
    return {**film, "score": round(min(score, 1.0), 4), "sponsored": sponsored}


def make_request(number, films, genres, by_columns, rng):
    """One request: a user, their context, and 100 to 200 candidates."""
    taste = make_taste(genres, rng)
    love_of_new = -0.10 + 0.15 * rng.random()
    weights = [(0.05 + taste.get(film["genre"], 0.25)) * (0.1 + fame(film)) ** 2 for film in films]
    candidates = draw(films, weights, 100 + int(101 * rng.random()), rng)
    if rng.random() < 0.8:  # sometimes retrieval misses the pick, and the pin does not apply
        pick = next(film for film in films if film["id"] == EDITORS_PICK)
        candidates = [film for film in candidates if film is not pick] + [pick]
    rows = [make_candidate(film, taste, love_of_new, rng) for film in candidates]
    rows.sort(key=lambda row: -row["score"])
    request = {
        "id": f"r{number}",
        "scene": "movies",
        "user": f"u{number}",
        "page": 10,
        "context": {"days_since_signup": int(1500 * rng.random() ** 4), "hour": 20},
        "time": "2026-01-15T20:00:00Z",
        "seed": number,
    }
    if by_columns:
        request["candidates"] = {name: [row[name] for row in rows] for name in FIELDS}
    else:
        request["candidates"] = [
            {name: row[name] for name in FIELDS if row[name] is not None} for row in rows
        ]
    return request


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--catalogue", type=Path, default=HERE / "catalogue.csv")
    parser.add_argument("--users", type=int, default=6, help="requests to make, one a user")
    parser.add_argument("--seed", type=int, default=44)
    parser.add_argument("--columns", action="store_true",
                        help="write candidates as columns instead of rows")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    films = read_catalogue(options.catalogue)
    genres = sorted({film["genre"] for film in films if film["genre"]})
    for number in range(1, options.users + 1):
        request = make_request(number, films, genres, options.columns, rng)
        sys.stdout.write(json.dumps(request, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
