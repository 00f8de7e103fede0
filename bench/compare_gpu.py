#!/usr/bin/env python3
"""Times explainn's training step and inference on a GPU against the LibTorch twins there, eager and as a replayed
graph, all in turn. Every run first shows the same logits and losses, else it is left out and named.

  python3 bench/compare_gpu.py BUILD_DIR --out steps.json [--batch 100 1000 10000] [--limit SECONDS]
      [--kernels kernels.json]     for the peaks of which a step is reported as a part
"""

import argparse
import glob
import json
import os
import statistics
import subprocess
import sys
import time

from compare import TOLERANCE, difference, quartiles
from gpu_report import facts

NETWORKS = ["original", "best", "best_native"]
# What one timed call makes: long enough that its start and end do not count.
STEPS = {"explainn": {100: 2000, 1000: 200, 10000: 20}, "twin": {100: 100, 1000: 30, 10000: 5}}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--out", help="JSON file to write")
    parser.add_argument("--batch", type=int, nargs="+", default=[100, 1000, 10000])
    parser.add_argument("--seconds", type=float, default=0.5, help="of steps, and of inference, in each run")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--limit", type=float, default=240, help="seconds after which no further round is begun")
    parser.add_argument("--kernels", help="what device_kernels measured on this GPU")
    parser.add_argument("--networks", nargs="+", default=NETWORKS)
    return parser.parse_args()


def commands(options):
    device_step = os.path.join(options.build, "bench", "device_step")
    programs = {"explainn": [device_step], "explainn, tiled": [device_step, "--network", "tiled"]}
    for twin in sorted(glob.glob(os.path.join(options.build, "bench", "torch_step_*"))):
        version = os.path.basename(twin).removeprefix("torch_step_")
        for network in options.networks:
            for mode in ("eager", "graph"):
                programs["%s, torch %s %s" % (network, version, mode)] = [
                    twin, "--network", network, "--device", "cuda", "--mode", mode]
    return programs


def run_one(name, command, batch, options):
    """The report of a run, or a line that says why there is none."""
    steps = STEPS["explainn" if name.startswith("explainn") else "twin"].get(batch, 10)
    sizes = ["--batch", batch, "--seconds", options.seconds, "--steps", steps]
    try:
        done = subprocess.run(command + [str(s) for s in sizes], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              text=True, timeout=120)
    except subprocess.TimeoutExpired:
        return None, "not done within 120 s"
    if done.returncode != 0:
        said = done.stderr.strip().splitlines() or ["no word"]
        return None, "exit %d: %s" % (done.returncode, said[-1][:500])
    return json.loads(done.stdout), None


def floor_us(batch, run, peaks):
    """What a step must take at least by the measured peaks: the hidden layer's three products, the look-ups of the
    convolution (one for four bases), and two waits of all blocks for each other."""
    units, hidden, positions = run["units"], 100, run["length"] - run["filter"] + 1
    pooled = (positions - 7) // 7 + 1
    products = 3 * 2 * batch * units * pooled * hidden * 1e-3 / peaks["multiply-add GFLOP/s"]
    look_ups = 4 * batch * units * positions * -(-run["filter"] // 4) * 1e-3 / peaks["shared memory GB/s"]
    return {"products_us": products, "look_ups_us": look_ups, "barriers_us": 2 * peaks["grid barrier us"],
            "floor_us": max(products, look_ups) + 2 * peaks["grid barrier us"]}


def compare(runs):
    result = {}
    for name, reports in runs.items():
        row = result[name] = {key: reports[0][key] for key in ("version", "isa", "loss", "steps")}
        if "more" in reports[-1]:
            row["more"] = reports[-1]["more"]
        for what in ("train_ms", "infer_ms"):
            row[what] = quartiles([t for r in reports for t in r[what]])
            row[what]["medians"] = [statistics.median(r[what]) for r in reports]  # one a round
            row[what]["ratio"] = row[what]["median"] / result["explainn"][what]["median"]
    return result


def compare_batch(batch, options, end):
    programs = commands(options)
    runs, left_out = {}, {}
    for turn in range(options.rounds):
        if turn > 0 and time.monotonic() > end:
            break
        for name, command in programs.items():
            if name in left_out:
                continue
            run, why = run_one(name, command, batch, options)
            if run and runs and difference(run, runs["explainn"][0]) > TOLERANCE:
                why = "computes something else: losses or logits differ by %.1e" % difference(run, runs["explainn"][0])
            if why:
                left_out[name] = why
                print("B = %d: %s: %s" % (batch, name, why), file=sys.stderr)
                if name == "explainn":
                    return {}, left_out
                continue
            runs.setdefault(name, []).append(run)
        print("B = %d, round %d of %d" % (batch, turn + 1, options.rounds), file=sys.stderr)
    result = compare(runs)
    for name, reports in runs.items():
        result[name]["difference"] = difference(reports[0], runs["explainn"][0])
    return result, left_out


def main():
    options = arguments()
    record = {**facts(), "batches": {}, "left_out": {}}
    peaks = None
    if options.kernels and os.path.exists(options.kernels):
        with open(options.kernels) as text:
            peaks = json.load(text)["runs"][0]["peaks"]
    end = time.monotonic() + options.limit
    for batch in options.batch:
        result, left_out = compare_batch(batch, options, end)
        record["batches"][str(batch)] = result
        record["left_out"][str(batch)] = left_out
        if peaks and "explainn" in result:
            sizes = {"units": 100, "length": 200, "filter": 19}
            limit = floor_us(batch, sizes, peaks)
            limit["percent"] = 0.1 * limit["floor_us"] / result["explainn"]["train_ms"]["median"]
            result["explainn"]["limit"] = limit
    if options.out:
        with open(options.out, "w") as out:
            json.dump(record, out, indent=1)
            out.write("\n")
    wrong = any("explainn" in rows for rows in record["left_out"].values())
    return 1 if wrong or any(record["left_out"].values()) else 0


if __name__ == "__main__":
    sys.exit(main())
