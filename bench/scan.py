#!/usr/bin/env python3
"""Times `explainn scan` as a user meets it: random sequences of 200 bases (seed 1) and the first motifs of a
file, both strands. Also runs the loops by themselves (bench/motif_scan) and, where this python has it, MOODS
(pip install MOODS-python), on the same sequences with the same thresholds, in turn. Python's standard library
only.

  python3 bench/scan.py BUILD_DIR cli/demo/JASPAR2020_vertebrates.meme.gz --out bench/results/NAME.json

BUILD_DIR was configured with -DEXPLAINN_BENCH=ON.
"""

import argparse
import gzip
import json
import os
import random
import re
import resource
import subprocess
import sys
import tempfile
import time

from compare import commit_name, cpu_name

LENGTH = 200
PVALUE = 1e-4


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build")
    parser.add_argument("motif_file")
    parser.add_argument("--out", help="JSON file to write")
    parser.add_argument("--sequences", type=int, default=1000000)
    parser.add_argument("--motifs", type=int, default=100)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--moods-sequences", type=int, default=10000, help="MOODS is given so many of them")
    return parser.parse_args()


def write_sequences(path, count):
    draw = random.Random(1)
    four = ["".join("ACGT"[byte >> 2 * i & 3] for i in range(4)) for byte in range(256)]
    with open(path, "w") as out:
        for number in range(count):
            out.write(">s%d\n%s\n" % (number, "".join(four[byte] for byte in draw.randbytes(LENGTH // 4))))


def write_motifs(source, path, count):
    """The first motifs of a MEME file; their widths."""
    with (gzip.open if source.endswith(".gz") else open)(source, "rt") as lines:
        parts = lines.read().split("\nMOTIF ")
    text = "\nMOTIF ".join(parts[:count + 1]) + "\n"
    with open(path, "w") as out:
        out.write(text)
    return [int(w) for w in re.findall(r"w= *(\d+)", text)]


def run(command):
    """Wall seconds, seconds of all processors, what the last line says of a file `out` in the same folder."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(command, check=True, stderr=subprocess.PIPE, text=True)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    processors = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"wall_s": wall, "processor_s": processors, "said": re.sub(r"wrote \S*/out", "wrote out", done.stderr.strip().splitlines()[-1])}


def best_of(runs):
    return {"wall_s": min(r["wall_s"] for r in runs), "processor_s": min(r["processor_s"] for r in runs),
            "rounds": len(runs), "said": runs[0]["said"]}


def moods(motif_path, sequence_path, count):
    """Seconds and hits of MOODS with log-odds of the same pseudocount and p-value, both strands."""
    try:
        import MOODS.scan
        import MOODS.tools
    except ImportError:
        return None
    flat = MOODS.tools.flat_bg(4)
    matrices = []
    for block in open(motif_path).read().split("\nMOTIF ")[1:]:
        sites = float(re.search(r"nsites= *([\d.]+)", block).group(1))
        rows = [[float(x) for x in line.split()] for line in block.splitlines() if re.match(r"^ *[01]\.?\d* ", line)]
        counts = [[row[b] * sites for row in rows] for b in range(4)]
        forward = MOODS.tools.log_odds(counts, flat, 0.1)
        matrices += [forward, MOODS.tools.reverse_complement(forward)]
    thresholds = [MOODS.tools.threshold_from_p(m, flat, PVALUE) for m in matrices]
    sequences = []
    with open(sequence_path) as lines:
        for line in lines:
            if not line.startswith(">"):
                sequences.append(line.strip())
            if len(sequences) == count:
                break
    scanner = MOODS.scan.Scanner(7)
    scanner.set_motifs(matrices, flat, thresholds)
    start, used = time.perf_counter(), time.process_time()
    hits = sum(len(found) for s in sequences for found in scanner.scan(s))
    return {"sequences": count, "wall_s": time.perf_counter() - start, "processor_s": time.process_time() - used,
            "hits": hits}


def main():
    options = arguments()
    program = os.path.join(options.build, "cli", "explainn")
    with tempfile.TemporaryDirectory() as folder:
        sequences, motifs = os.path.join(folder, "s.fa"), os.path.join(folder, "m.meme")
        write_sequences(sequences, options.sequences)
        widths = write_motifs(options.motif_file, motifs, options.motifs)
        windows = options.sequences * sum(2 * (LENGTH - w + 1) for w in widths)
        modes = {"hits as a table": [], "hits as BED": ["--bed"], "best windows": ["--scores", "best"],
                 "sums": ["--scores", "sum"]}
        runs = {}
        record = {"commit": commit_name(), "cpu": cpu_name(), "sequences": options.sequences, "bases": LENGTH,
                  "motifs": len(widths), "columns": sum(widths), "windows": windows, "pvalue": PVALUE, "scan": {}}
        for turn in range(options.rounds):
            for mode, extra in modes.items():
                for threads in options.threads:
                    command = [program, "scan", motifs, sequences, "-o", os.path.join(folder, "out"), "--force",
                               "--threads", str(threads)] + extra
                    runs.setdefault((mode, threads), []).append(run(command))
            print("round %d of %d" % (turn + 1, options.rounds), file=sys.stderr)
        for (mode, threads), taken in runs.items():
            best = best_of(taken)
            best["windows_a_processor_second"] = windows / best["processor_s"]
            record["scan"]["%s, threads: %d" % (mode, threads)] = best
        loops = subprocess.run([os.path.join(options.build, "bench", "motif_scan"), motifs, "2"],
                               stdout=subprocess.PIPE, check=True)
        record["loops"] = json.loads(loops.stdout)
        record["moods"] = moods(motifs, sequences, options.moods_sequences)
    print(json.dumps(record, indent=1))
    if options.out:
        with open(options.out, "w") as out:
            json.dump(record, out, indent=1)
            out.write("\n")


if __name__ == "__main__":
    main()
