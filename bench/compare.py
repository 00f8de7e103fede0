#!/usr/bin/env python3
"""Times explainn's training step and inference against the LibTorch twins, all in turn, round after round, so
that a machine whose speed changes does not favour one of them. Every run first shows the same logits and
losses, else nothing is compared. Python's standard library only.

  python3 bench/compare.py BUILD_DIR --out bench/results/NAME.json [--rounds 7] [--batch 100 1000]

BUILD_DIR was configured with -DEXPLAINN_BENCH=ON (see bench/README.md).
"""

import argparse
import glob
import json
import os
import platform
import statistics
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOLERANCE = 1e-4  # of losses and logits, relative to the largest
NETWORKS = ["original", "best", "by_hand"]
# What each library takes as the highest instruction set it may use.
AVX2_ONLY = {"EXPLAINN_ISA": "avx2", "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2",
             "MKL_ENABLE_INSTRUCTIONS": "AVX2", "OPENBLAS_CORETYPE": "Haswell"}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("--out", help="JSON file to write")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--batch", type=int, nargs="+", default=[100, 1000])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1, help="of steps, and of inference, in each run")
    parser.add_argument("--isa", choices=["avx2"], help="let no program use more than this")
    parser.add_argument("--networks", nargs="+", default=NETWORKS, choices=NETWORKS)
    return parser.parse_args()


def commands(options):
    programs = {"explainn": [os.path.join(options.build, "bench", "train_step")]}
    for twin in sorted(glob.glob(os.path.join(options.build, "bench", "torch_step_*"))):
        for network in options.networks:
            name = "%s, torch %s" % (network, os.path.basename(twin).removeprefix("torch_step_"))
            programs[name] = [twin, "--network", network]
    return programs


def run_one(command, batch, options):
    environment = dict(os.environ, OMP_NUM_THREADS=str(options.threads))
    if options.isa:
        environment.update(AVX2_ONLY)
    sizes = ["--batch", batch, "--threads", options.threads, "--seconds", options.seconds]
    done = subprocess.run(command + [str(s) for s in sizes], env=environment, stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def difference(run, reference):
    """The largest difference of losses and logits, relative to the largest of each."""
    return max(max(abs(a - b) for a, b in zip(run[what], reference[what])) / max(map(abs, reference[what]))
               for what in ("loss", "logits"))


def quartiles(samples):
    low, middle, high = statistics.quantiles(samples, n=4, method="inclusive")
    return {"median": middle, "quartiles": [low, high], "least": min(samples), "samples": len(samples)}


def compare(runs):
    """runs[name] = one report a round -> times, and ratios of the rounds' medians to explainn's."""
    result = {}
    for what in ("train_ms", "infer_ms"):
        medians = {name: [statistics.median(r[what]) for r in reports] for name, reports in runs.items()}
        ours = medians["explainn"]
        for name, reports in runs.items():
            row = quartiles([t for r in reports for t in r[what]])
            row["medians"] = medians[name]  # one a round
            row["ratio"] = statistics.median(m / o for m, o in zip(medians[name], ours))
            row["ratio_range"] = [f(m / o for m, o in zip(medians[name], ours)) for f in (min, max)]
            result.setdefault(name, {})[what] = row
    return result


def fastest(result, network, what):
    names = [n for n in result if n.startswith(network + ",")]
    return min(names, key=lambda n: result[n][what]["median"]) if names else None


def show(batch, result, networks):
    print("\nB = %d%26s %8s  %17s %8s %10s" % (batch, "", "median", "quartiles", "least", "/ explainn"))
    for what in ("train_ms", "infer_ms"):
        for name, rows in result.items():
            r = rows[what]
            print("%-9s %-24s %8.3f  %8.3f %8.3f %8.3f %10.2f" % (what, name, r["median"], *r["quartiles"], r["least"], r["ratio"]))
        for network in networks:
            name = fastest(result, network, what)
            if name:
                r = result[name][what]
                print("  -> %.1f times as fast as %s (%.1f to %.1f)" % (r["ratio"], name, *r["ratio_range"]))


def cpu_name():
    try:
        with open("/proc/cpuinfo") as info:
            return next(line.split(":")[1].strip() for line in info if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.machine()


def commit_name():
    done = subprocess.run(["git", "-C", HERE, "describe", "--always", "--dirty"], stdout=subprocess.PIPE, text=True)
    return done.stdout.strip()


def main():
    options = arguments()
    programs = commands(options)
    if len(programs) == 1:
        sys.exit("no torch_step_* in %s/bench: see bench/README.md" % options.build)
    commit = commit_name()
    record = {"commit": commit, "cpu": cpu_name(), "threads": options.threads, "isa_limit": options.isa, "batches": {}}
    for batch in options.batch:
        runs = {name: [] for name in programs}
        for turn in range(options.rounds):
            for name, command in programs.items():
                run = run_one(command, batch, options)
                runs[name].append(run)
                error = difference(run, runs["explainn"][0])
                if error > TOLERANCE:
                    sys.exit("%s computes something else: losses or logits differ by %.1e" % (name, error))
            print("B = %d, round %d of %d" % (batch, turn + 1, options.rounds), file=sys.stderr)
        result = compare(runs)
        for name, reports in runs.items():
            result[name].update({k: reports[0][k] for k in ("version", "isa", "loss")})
            result[name]["difference"] = difference(reports[0], runs["explainn"][0])
        record["batches"][str(batch)] = result
        show(batch, result, options.networks)
    print("\n%s, %d threads, commit %s%s" % (record["cpu"], options.threads, commit, ", AVX2 at most" if options.isa else ""))
    print("; ".join(sorted({"%s: %s" % (n.split(", ")[-1], r["isa"]) for b in record["batches"].values() for n, r in b.items()})))
    if options.out:
        with open(options.out, "w") as out:
            json.dump(record, out, indent=1)
            out.write("\n")


if __name__ == "__main__":
    main()
