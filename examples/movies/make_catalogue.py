#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Makes catalogue.csv from data/movies.json of the npm package `vega-datasets`.

The package keeps known faults of its source on purpose, as teaching material. Each step below
mends one of them and prints how many films it touched, so that a new version of the package
shows at once what became different.

    npm pack vega-datasets@3.2.1 && tar xzf vega-datasets-3.2.1.tgz
    python3 make_catalogue.py package/data/movies.json catalogue.csv
"""

import csv
import json
import sys
from datetime import datetime

COLUMNS = ["id", "title", "genre", "distributor", "released", "rating", "votes", "minutes"]

# The last real release in the data is of December 2011. A later year comes from a two-digit year
# that was read as 20xx: `Intolerance` of 1916 became 2016.
LAST_REAL_YEAR = 2011


def mend_text(text):
    """Text that was Latin-1 and was read as Mac Roman once becomes itself again.

    Text that does not survive the way back (`Alien³`) was never damaged and stays as it is.
    """
    if text.isascii():
        return text
    try:
        return text.encode("mac_roman").decode("cp1252")
    except UnicodeError:
        return text


def mend_date(text):
    """`Sep 05 2016` becomes `1916-09-05`."""
    date = datetime.strptime(text, "%b %d %Y")
    if date.year > LAST_REAL_YEAR:
        date = date.replace(year=date.year - 100)
    return date.strftime("%Y-%m-%d")


def is_useful(film):
    """Without a title a person cannot read the page; without genre and rating no rule can."""
    if film["Title"] is None:
        return False
    return film["Major Genre"] is not None or film["IMDB Rating"] is not None


def clean(film):
    """One row of the catalogue, still without its id. Missing stays missing: an empty field."""
    distributor = film["Distributor"]
    if distributor == "Distributor Unknown":
        distributor = None
    row = {
        "title": mend_text(str(film["Title"]).strip()),
        "genre": film["Major Genre"],
        "distributor": distributor and mend_text(distributor.strip()),
        "released": mend_date(film["Release Date"]),
        "rating": film["IMDB Rating"],
        "votes": film["IMDB Votes"],
        "minutes": film["Running Time min"],
    }
    return {name: "" if value is None else value for name, value in row.items()}


def main(source, target):
    with open(source, encoding="utf-8") as file:
        films = json.load(file)
    rows = [clean(film) for film in films if is_useful(film)]
    # Titles repeat (remakes), so a row is known by its place in the package's order.
    rows = [{"id": f"m{number}", **row} for number, row in enumerate(rows, start=1)]
    with open(target, "w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)

    future = sum(int(film["Release Date"][-4:]) > LAST_REAL_YEAR for film in films)
    mended = sum(mend_text(str(film["Title"])) != str(film["Title"]) for film in films)
    print(f"{len(films)} films read, {len(rows)} written to {target}")
    print(f"{len(films) - len(rows)} dropped: no title, or neither genre nor rating")
    print(f"{future} future dates moved back a century, {mended} titles given their letters back")
    for name in COLUMNS[1:]:
        print(f"  {name}: missing in {sum(row[name] == '' for row in rows)}")


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: make_catalogue.py MOVIES_JSON CATALOGUE_CSV")
    main(sys.argv[1], sys.argv[2])
