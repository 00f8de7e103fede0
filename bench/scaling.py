#!/usr/bin/env python3
"""How the time of explainn's training step and inference grows with threads, units, sequences of a batch and
their length, and what memory it takes: a table on stdout, JSON with --out. Python's standard library only.

  python3 bench/scaling.py BUILD_DIR [--out bench/results/NAME.json] [--rounds 3] [--largest]

Each line changes one size of the paper's network (U = 100, B = 100, L = 200, K = 19, T = 50). The lines are run in
turn, round after round; times are the least of all rounds, since a shared machine only adds to them. --largest adds
U = 2,000, L = 1,000, B = 10,000, T = 300, which takes a quarter of an hour and more. The machine's cores are all used by default.
"""

import argparse
import json
import os
import subprocess
import sys

from compare import commit_name, cpu_name

PAPER = {"threads": os.cpu_count(), "units": 100, "batch": 100, "length": 200, "tasks": 50}
LARGEST = {"units": 2000, "batch": 10000, "length": 1000, "tasks": 300}
SMALLEST = {"units": 1, "batch": 2}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--out", help="JSON file to write")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=0.5, help="of steps, and of inference, in each run")
    parser.add_argument("--largest", action="store_true")
    return parser.parse_args()


def cases():
    changes = [{}]
    changes += [{"threads": n} for n in range(1, os.cpu_count())]
    changes += [{"units": n} for n in (1, 10, 30, 300, 1000, 2000)]
    changes += [{"batch": n} for n in (10, 30, 300, 1000, 3000, 10000)]
    changes += [{"length": n} for n in (50, 100, 500, 1000)]
    return changes + [SMALLEST]


def run_one(build, sizes, seconds):
    command = [os.path.join(build, "bench", "train_step"), "--seconds", str(seconds)]
    for name, value in sizes.items():
        command += ["--" + name, str(value)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        sys.exit("failed: " + " ".join(command))
    report = json.loads(output)
    return {"train_ms": min(report["train_ms"]), "infer_ms": min(report["infer_ms"]),
            "memory_mb": usage.ru_maxrss / 1024, "isa": report["isa"]}


def main():
    options = arguments()
    rows = [{"change": change, "sizes": {**PAPER, **change}, "runs": []} for change in cases()]
    for turn in range(options.rounds):
        for row in rows:
            row["runs"].append(run_one(options.build, row["sizes"], options.seconds))
        print("round %d of %d" % (turn + 1, options.rounds), file=sys.stderr)
    if options.largest:
        sizes = {**PAPER, **LARGEST}
        rows.append({"change": LARGEST, "sizes": sizes, "runs": [run_one(options.build, sizes, 0.01)]})
    print("| | step, ms | inference, ms | step, microseconds a unit and 100 sequences of 200 | memory, MB |\n|---|---|---|---|---|")
    for row in rows:
        for what in ("train_ms", "infer_ms", "memory_mb"):
            row[what] = min(run[what] for run in row["runs"])
        sizes = row["sizes"]
        share = 1e3 * row["train_ms"] / sizes["units"] / (sizes["batch"] / 100) / (sizes["length"] / 200)
        name = ", ".join("%s %d" % change for change in row["change"].items()) or "the paper's sizes"
        print("| %s | %.4g | %.4g | %.3g | %.0f |" % (name, row["train_ms"], row["infer_ms"], share, row["memory_mb"]))
    if options.out:
        with open(options.out, "w") as out:
            json.dump({"commit": commit_name(), "cpu": cpu_name(), "rows": rows}, out, indent=1)
            out.write("\n")


if __name__ == "__main__":
    main()
