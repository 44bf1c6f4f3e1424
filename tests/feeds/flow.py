# SPDX-License-Identifier: Apache-2.0
"""Reads the part of YAML that the policies of these tests are written in.

Rules, columns and graph nodes stand on one line each as flow mappings (`{use: block, ...}`), which
is all that is understood here besides `key: value`. Anything else under `rules:` is an error, so
that no rule is skipped without a word.
"""

import re

TOKEN = re.compile(r"""\s*(?:(?P<mark>[{}\[\],:])|'(?P<single>(?:[^']|'')*)'|"(?P<double>[^"]*)"
                       |(?P<plain>[^\s{}\[\],:'"][^{}\[\],:]*))""", re.VERBOSE)


def scalar(text):
    """`12` is a number, `true` a truth value, `~` nothing, everything else text."""
    text = text.strip()
    if text in ("true", "false"):
        return text == "true"
    if text in ("null", "~", ""):
        return None
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text


def tokens(text):
    """The marks and values of one flow text, in order."""
    place = 0
    while place < len(text.rstrip()):
        found = TOKEN.match(text, place)
        if not found:
            raise ValueError(f"cannot read `{text[place:]}`")
        place = found.end()
        if found["mark"]:
            yield found["mark"], None
        elif found["single"] is not None:
            yield "value", found["single"].replace("''", "'")
        elif found["double"] is not None:
            yield "value", found["double"]
        else:
            yield "value", scalar(found["plain"])


def parse_flow(text):
    """One flow value: a mapping, a list or a scalar."""
    stream = list(tokens(text))
    value, place = parse_value(stream, 0)
    if place != len(stream):
        raise ValueError(f"something follows the value in `{text}`")
    return value


def parse_value(stream, place):
    kind, value = stream[place]
    if kind == "value":
        return value, place + 1
    close = {"{": "}", "[": "]"}.get(kind)
    if close is None:
        raise ValueError(f"`{kind}` where a value was expected")
    out = {} if kind == "{" else []
    place += 1
    while stream[place][0] != close:
        if kind == "{":
            key = stream[place][1]
            if stream[place + 1][0] != ":":
                raise ValueError(f"`{key}` has no value")
            if key in out:
                raise ValueError(f"`{key}` is given twice")
            out[key], place = parse_value(stream, place + 2)
        else:
            value, place = parse_value(stream, place)
            out.append(value)
        if stream[place][0] == ",":
            place += 1
    return out, place + 1


def strip_comment(line):
    """Without a comment that starts outside quotes."""
    quote = None
    for place, letter in enumerate(line):
        if quote:
            quote = None if letter == quote else quote
        elif letter in "'\"":
            quote = letter
        elif letter == "#" and (place == 0 or line[place - 1] in " \t"):
            return line[:place]
    return line


def read_document(text):
    """Top-level keys; a section of indented lines becomes a list or a mapping."""
    document, section = {}, None
    for number, raw in enumerate(text.splitlines(), start=1):
        line = strip_comment(raw).rstrip()
        if not line.strip():
            continue
        try:
            if not line.startswith(" "):
                key, _, rest = line.partition(":")
                section = key
                document[key] = parse_flow(rest) if rest.strip() else None
            elif line.lstrip().startswith("- "):
                document[section] = document[section] or []
                document[section].append(parse_flow(line.lstrip()[2:]))
            else:
                key, _, rest = line.strip().partition(":")
                document[section] = document[section] or {}
                document[section][key] = parse_flow(rest)
        except (ValueError, IndexError) as fault:
            raise ValueError(f"line {number}: {fault}") from fault
    return document
