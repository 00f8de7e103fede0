#!/usr/bin/env python3
"""Cuts the demonstration table out of the 80,068 x 30 table tf30.tsv.gz (see README.md beside this).

    python3 make_demo.py tf30.tsv.gz tf_demo.tsv.gz

Five transcription factors. A sequence is kept if at least four of the five labels are resolved in
`train` (three in `valid` and `test`, where fewer sequences are fully resolved). From those, evenly
spaced ones are taken in file order, so the mixture of chromosomes stays as it is. Only the standard
library is used, and equal input gives equal bytes.
"""

import csv
import gzip
import io
import sys

FACTORS = ["FOXA1", "MAX", "JUND", "CTCFL", "SPI1"]
WANTED = {"train": 12000, "valid": 2000, "test": 2000}
RESOLVED = {"train": 4, "valid": 3, "test": 3}


def evenly(rows, count):
    return [rows[i * len(rows) // count] for i in range(count)]


def main():
    source, target = sys.argv[1:]
    kept = {name: [] for name in WANTED}
    with gzip.open(source, "rt") as table:
        for row in csv.DictReader(table, delimiter="\t"):
            labels = [row[factor] for factor in FACTORS]
            resolved = sum(label != "nan" for label in labels)
            if resolved >= RESOLVED[row["set"]]:
                kept[row["set"]].append([row["id"], row["set"], row["seq"].upper()] + labels)
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(["id", "set", "seq"] + FACTORS)
    for name, count in WANTED.items():
        writer.writerows(evenly(kept[name], min(count, len(kept[name]))))
    with open(target, "wb") as file:
        with gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
            packed.write(text.getvalue().encode())


main()
