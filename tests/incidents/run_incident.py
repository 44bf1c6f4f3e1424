#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Asks the program what an operator would ask, and looks for the answer.

    run_incident.py PROGRAM FOLDER...

A folder is one planted mistake: `incident.json` says the question, the answer in words, and the
commands (at most two) with what each has to say; beside it stand the bundle and the recorded
requests. Line ends and runs of blanks do not count: a sentence may be broken anywhere. Exit code 0:
every folder is answered; 1: some are not; 2: could not run.
"""

import json
import pathlib
import subprocess
import sys

COMMANDS_MAX = 2
VERBS = {"explain", "check", "diff"}
KEYS = {"question", "answer", "commands"}
COMMAND_KEYS = {"run", "exit", "says", "says_not"}


def said(text):
    return " ".join(text.split())


def read(folder):
    """The incident, checked: a mistake in the corpus must not pass for an answer."""
    incident = json.loads((folder / "incident.json").read_text(encoding="utf-8"))
    commands = incident["commands"]
    if set(incident) != KEYS or not incident["question"].endswith("?"):
        raise ValueError(f"an incident has {sorted(KEYS)}, and asks a question")
    if not 1 <= len(commands) <= COMMANDS_MAX:
        raise ValueError(f"{len(commands)} commands; one or {COMMANDS_MAX} have to do")
    for command in commands:
        if not set(command) <= COMMAND_KEYS or not command["says"]:
            raise ValueError(f"a command has {sorted(COMMAND_KEYS)}, and says something")
        if command["run"][0] not in VERBS:
            raise ValueError(f"`{command['run'][0]}` is none of {sorted(VERBS)}")
    return incident


def ask(program, folder, command):
    """What is missing from the answer, in sentences."""
    done = subprocess.run([program, *command["run"]], cwd=folder, capture_output=True, text=True,
                          timeout=120, check=False)
    text = said(done.stdout + " " + done.stderr)
    faults = [f"does not say `{sentence}`" for sentence in command["says"]
              if said(sentence) not in text]
    faults += [f"says `{sentence}`" for sentence in command.get("says_not", [])
               if said(sentence) in text]
    if done.returncode != command["exit"]:
        faults.append(f"exit code {done.returncode} instead of {command['exit']}")
    if faults:
        faults.append("it says:\n" + done.stdout + done.stderr)
    return faults


def main():
    if len(sys.argv) < 3:
        print(__doc__)
        return 2
    program = str(pathlib.Path(sys.argv[1]).resolve())
    failed = 0
    for name in sys.argv[2:]:
        folder = pathlib.Path(name)
        try:
            incident = read(folder)
        except (OSError, ValueError, KeyError) as fault:
            print(f"{folder.name}: {fault}")
            return 2
        faults = []
        for command in incident["commands"]:
            line = "lineup " + " ".join(command["run"])
            faults += [f"{line}: {fault}" for fault in ask(program, folder, command)]
        print(f"{'not answered' if faults else 'answered'}  {folder.name}: {incident['question']}")
        for fault in faults:
            print(f"  {fault}")
        failed += 1 if faults else 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
