#!/usr/bin/env python3
"""Times `explainn tomtom` as a whole program: 100 filters against the 746 motifs of JASPAR 2020 (tests/golden/tomtom),
plain files. Every run must first give the rows of the standard tool. Python's standard library only.

  python3 bench/motifs.py BUILD_DIR/cli/explainn --out bench/results/tomtom_MACHINE.json [--rounds 20] [--threads 1 2]

Wall time, and user time (all threads together), which other programs on the machine disturb less.
"""

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time

from compare import HERE, commit_name, cpu_name, quartiles

GOLDEN = os.path.join(HERE, "..", "tests", "golden", "tomtom")
DEMO = os.path.join(HERE, "..", "cli", "demo")
STANDARD_SECONDS = 112  # MEME's Tomtom 5.3.3 for the same table, on another machine


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--out", help="JSON file to write")
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--dist", default="ed", choices=["ed", "pearson"])
    return parser.parse_args()


def rows(text):
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def unpack(source, name, folder):
    path = os.path.join(folder, name)
    with gzip.open(os.path.join(source, name + ".gz")) as packed, open(path, "wb") as out:
        out.write(packed.read())
    return path


def run(command, output):
    """Seconds on the clock, and of all threads."""
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - begin
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit("%s: exit code %d" % (" ".join(command), child.returncode))
    return wall, usage.ru_utime


def measure(options, threads, folder, files):
    command = [options.program, "tomtom", *files, "--dist", options.dist, "--threads", str(threads), "--quiet"]
    table = os.path.join(folder, "table.tsv")
    walls, users = [], []
    for _ in range(options.rounds + 1):
        with open(table, "wb") as output:
            wall, user = run(command, output)
        walls.append(wall)
        users.append(user)
    if options.dist == "ed":
        with open(table, encoding="ascii") as found, gzip.open(os.path.join(GOLDEN, "tomtom.tsv.gz"), "rt") as wanted:
            if rows(found.read()) != rows(wanted.read()):
                sys.exit("%s gives other rows than the standard tool" % " ".join(command))
    # The first run warms the file cache.
    return {"wall_s": quartiles(walls[1:]), "user_s": quartiles(users[1:])}


def main():
    options = arguments()
    record = {"commit": commit_name(), "cpu": cpu_name(), "dist": options.dist, "load_before": os.getloadavg()[0],
              "standard_tool_s": STANDARD_SECONDS, "threads": {}}
    with tempfile.TemporaryDirectory() as folder:
        files = [unpack(GOLDEN, "explainn_filters.meme", folder), unpack(DEMO, "JASPAR2020_vertebrates.meme", folder)]
        for threads in options.threads:
            result = measure(options, threads, folder, files)
            record["threads"][str(threads)] = result
            wall, user = result["wall_s"], result["user_s"]
            print("%d threads: %.3f s (quartiles %.3f %.3f, least %.3f), user %.3f (least %.3f); standard tool / this: %.0f"
                  % (threads, wall["median"], *wall["quartiles"], wall["least"], user["median"], user["least"],
                     STANDARD_SECONDS / wall["median"]))
    record["load_after"] = os.getloadavg()[0]
    print("%s, commit %s, load %.1f to %.1f" % (record["cpu"], record["commit"], record["load_before"], record["load_after"]))
    if options.out:
        with open(options.out, "w", encoding="ascii") as out:
            json.dump(record, out, indent=1)
            out.write("\n")


main()
