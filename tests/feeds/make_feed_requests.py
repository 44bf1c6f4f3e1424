#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Turns recorded feed data into requests, with candidate sets as an upstream ranker would make them.

    make_feed_requests.py FEED --data DIR [--count N] [--seed N] > requests.jsonl

FEED is kuairand, home_feed (the same videos for the shipped policy), movielens or openbandit. The
data is not part of the project; without it the exit code is 77 and a sentence says so.
"""

import argparse
import csv
import gzip
import json
import math
import random
import sys
from collections import Counter
from datetime import datetime, timezone
from pathlib import Path

TIME = "2026-01-15T20:00:00Z"  # one clock for all requests, so that a run can be repeated


class MissingData(Exception):
    """The folder or a file of it is not on this machine."""


def read_csv(folder, name):
    path = folder / name
    if not path.exists():
        raise MissingData(f"{path} is not there")
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def draw(weights, count, rng):
    """`count` different keys of `weights`; a key twice as heavy comes twice as soon."""
    keyed = sorted((-math.log(1.0 - rng.random()) / weight, key)
                   for key, weight in weights.items() if weight > 0)
    return [key for _, key in keyed[:count]]


def chosen_users(histories, count, rng):
    """Users with something to say, in a seeded order."""
    users = sorted(user for user, events in histories.items() if len(events) >= 8)
    return draw({user: 1.0 for user in users}, count, rng)


def envelope(number, scene, user, page, context):
    return {"id": f"{scene}-{number}", "scene": scene, "user": str(user), "page": page,
            "context": context, "time": TIME, "seed": number}


# Videos: KuaiRand.

def type_of_video(item):
    """What kind of card the video is on the page."""
    if item["video_type"] == "AD":
        return "ad"
    if "Picture" in item["upload_type"] or item["upload_type"] == "PhotoCopy":
        return "pictures"
    seconds = float(item["video_duration"] or 0) / 1000
    return "short" if 0 < seconds < 40 else "video"


class Videos:
    """The catalogue, what was shown how often, and who watched what."""

    def __init__(self, folder):
        self.items = {item["video_id"]: item for item in read_csv(folder, "items.csv.gz")}
        self.days = {user["user_id"]: int(user["register_days"]) - 14
                     for user in read_csv(folder, "users.csv.gz")}  # as of the log's first day
        self.shows, self.likes, self.histories = Counter(), Counter(), {}
        for row in read_csv(folder, "impressions.csv.gz"):
            self.shows[row["video_id"]] += 1
            self.likes[row["video_id"]] += int(row["long_view"])
            self.histories.setdefault(row["user_id"], []).append(row)
        self.by_kind = {}
        for video, item in self.items.items():
            self.by_kind.setdefault(type_of_video(item), []).append(video)

    def quality(self, video):
        """Share of long views, pulled to the mean of 0.32 when there were few shows."""
        return (self.likes[video] + 3.2) / (self.shows[video] + 10)

    def taste(self, user):
        """How often each tag was watched long."""
        tags = Counter()
        for row in self.histories[user]:
            if row["long_view"] == "1" and row["video_id"] in self.items:
                tags.update(self.items[row["video_id"]]["tag"].split(","))
        total = sum(tags.values()) or 1
        return {tag: count / total for tag, count in tags.items()}

    def candidates(self, user, rng):
        """(video, score): popular ones, neighbours by tag, new ones, and what is never popular."""
        taste = self.taste(user)

        def closeness(video):
            return sum(taste.get(tag, 0) for tag in self.items[video]["tag"].split(","))

        popular = {video: self.shows[video] for video in self.items if self.shows[video] > 20}
        near = {video: closeness(video) for video in self.items}
        new = {video: 1.0 for video in self.items if self.shows[video] < 8}
        total = 50 + int(451 * rng.random() ** 2)
        picked = draw(popular, total // 2, rng) + draw(near, total // 3, rng)
        picked += draw(new, total // 6, rng)
        for kind, least in (("ad", 4), ("pictures", 3), ("short", 8)):
            picked += draw({video: 1.0 for video in self.by_kind[kind]}, least, rng)
        rows = []
        for video in dict.fromkeys(picked):
            score = 0.6 * self.quality(video) + 0.5 * closeness(video) + 0.1 * rng.random()
            rows.append((video, round(score, 5)))
        return sorted(rows, key=lambda row: (-row[1], row[0]))


def make_videos(folder, feed, count, rng):
    videos = Videos(folder)
    for number, user in enumerate(chosen_users(videos.histories, count, rng), start=1):
        rows = []
        for video, score in videos.candidates(user, rng):
            item = videos.items[video]
            row = {"id": f"v{video}", "score": score, "author": item["author_id"],
                   "type": type_of_video(item)}
            if feed == "home_feed":
                row["category"] = item["tag"].split(",")[0]
                if videos.shows[video] < 8:  # otherwise absent: the policy's default applies
                    row["is_new"] = True
            else:
                row["tags"] = item["tag"]
                row["shows"] = videos.shows[video]
                if item["video_duration"]:
                    row["seconds"] = float(item["video_duration"]) / 1000
            rows.append(row)
        page = 20 if feed == "home_feed" else 12
        context = {"days_since_signup": videos.days.get(user, 0)}
        yield {**envelope(number, feed, user, page, context), "candidates": rows}


# Films: MovieLens.

class Films:
    """Genres, years and ratings of every film, and what each user liked."""

    def __init__(self, folder):
        self.films, self.sums, self.counts, self.first = {}, Counter(), Counter(), {}
        for film in read_csv(folder, "movies.csv.gz"):
            self.films[int(film["movieId"])] = film
        self.histories = {}
        for row in read_csv(folder, "ratings.csv.gz"):
            film, when = int(row["movieId"]), int(float(row["timestamp"]))
            self.sums[film] += float(row["rating"])
            self.counts[film] += 1
            self.first[film] = min(when, self.first.get(film, when))
            self.histories.setdefault(row["userId"], []).append((film, float(row["rating"])))

    def row(self, film, score):
        """One candidate; a film without genres, year or ratings has those columns missing."""
        title, names = self.films[film]["title"].strip(), self.films[film]["genres"]
        genres = [] if names.startswith("(no") else names.split("|")
        row = {"id": film, "score": score, "ratings": self.counts[film]}
        if genres:
            row["genres"] = genres
        if title[-6:-5] == "(" and title[-5:-1].isdigit():
            row["year"] = int(title[-5:-1])
            row["decade"] = title[-5:-2] + "0s"
        if self.counts[film]:
            row["mean"] = round(self.sums[film] / self.counts[film], 4)
            first = datetime.fromtimestamp(self.first[film], tz=timezone.utc)
            row["first_rated"] = first.strftime("%Y-%m-%d")
        if "Documentary" in genres:
            row["is_documentary"] = True
        return row

    def candidates(self, user, rng):
        taste = Counter()
        for film, rating in self.histories[user]:
            for genre in self.films[film]["genres"].split("|"):
                taste[genre] += rating - 3.0

        def closeness(film):
            genres = self.films[film]["genres"].split("|")
            liked = sum(taste[genre] for genre in genres) / len(genres)
            return 1 / (1 + math.exp(-liked / (1 + len(self.histories[user]) / 10)))

        popular = {film: self.counts[film] for film in self.films}
        late = {film: 1.0 for film, when in self.first.items() if when >= 1325376000}  # 2012
        total = 50 + int(251 * rng.random())
        picked = draw(popular, total * 2 // 3, rng) + draw(late, total // 6, rng)
        picked += draw({film: 1.0 for film in self.films}, total // 6, rng)
        rows = []
        for film in dict.fromkeys(picked):
            mean = (self.sums[film] + 16.0) / (self.counts[film] + 5)
            score = 0.6 * closeness(film) + 0.08 * mean + 0.1 * rng.random()
            rows.append(self.row(film, round(score, 5)))
        return sorted(rows, key=lambda row: (-row["score"], row["id"]))


def make_films(folder, feed, count, rng):
    films = Films(folder)
    for number, user in enumerate(chosen_users(films.histories, count, rng), start=1):
        yield {**envelope(number, feed, user, 10, {}), "candidates": films.candidates(user, rng)}


# Fashion: Open Bandit. All items of the shop window are candidates, as columns.

def make_fashion(folder, feed, count, rng):
    shops = {}
    for shop in ("men", "women"):
        clicks, shows = Counter(), Counter()
        contexts = []
        for row in read_csv(folder, f"random_{shop}.csv.gz"):
            shows[row["item_id"]] += 1
            clicks[row["item_id"]] += int(row["click"])
            affinity = {name.rsplit("_", 1)[1]: float(value) for name, value in row.items()
                        if name.startswith("user-item_affinity_")}
            contexts.append((row["user_feature_1"], affinity))
        items = list(read_csv(folder, f"item_context_{shop}.csv.gz"))
        shops[shop] = items, clicks, shows, contexts
    for number in range(1, count + 1):
        shop = "men" if number % 2 else "women"
        items, clicks, shows, contexts = shops[shop]
        user, affinity = contexts[int(rng.random() * len(contexts))]
        columns = {"id": [], "score": [], "line": [], "kind": [], "brand": []}
        for item in items:
            known = item["item_id"]
            rate = (clicks[known] + 1) / (shows[known] + 250)
            score = min(1.0, 40 * rate + 0.2 * affinity.get(known, 0.0) + 0.6 * rng.random())
            columns["id"].append(f"{shop}-{known}")
            columns["score"].append(round(score, 5))
            columns["line"].append(item["item_feature_1"][:8])
            columns["kind"].append(item["item_feature_2"][:8])
            columns["brand"].append(item["item_feature_3"][:8])
        yield {**envelope(number, feed, user, 8, {}), "candidates": columns}


FEEDS = {
    "kuairand": ("kuairand", make_videos),
    "home_feed": ("kuairand", make_videos),
    "movielens": ("movielens", make_films),
    "openbandit": ("openbandit", make_fashion),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("feed", choices=sorted(FEEDS))
    parser.add_argument("--data", type=Path, required=True, help="the folder with one per feed")
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    folder, make = FEEDS[options.feed]
    rng = random.Random(options.seed)
    try:
        for request in make(options.data / folder, options.feed, options.count, rng):
            sys.stdout.write(json.dumps(request, separators=(",", ":")) + "\n")
    except MissingData as fault:
        print(f"make_feed_requests: skipped: {fault}", file=sys.stderr)
        return 77
    return 0


if __name__ == "__main__":
    sys.exit(main())
