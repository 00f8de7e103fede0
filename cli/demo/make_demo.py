#!/usr/bin/env python3
"""Cuts the demonstration table out of the 80,068 x 30 table tf30.tsv.gz (see README.md beside this).

    python3 make_demo.py tf30.tsv.gz tf_demo.tsv.gz

All 30 transcription factors. Evenly spaced sequences of each split are taken in file order, so the
mixture of chromosomes stays as it is. Only the standard library is used, and equal input gives equal
bytes.
"""

import csv
import gzip
import io
import sys

WANTED = {"train": 30000, "valid": 5000, "test": 5000}


def evenly(rows, count):
    return [rows[i * len(rows) // count] for i in range(count)]


def main():
    source, target = sys.argv[1:]
    kept = {name: [] for name in WANTED}
    with gzip.open(source, "rt") as table:
        rows = csv.DictReader(table, delimiter="\t")
        factors = rows.fieldnames[6:]
        for row in rows:
            labels = [row[factor] for factor in factors]
            kept[row["set"]].append([row["id"], row["set"], row["seq"].upper()] + labels)
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(["id", "set", "seq"] + factors)
    for name, count in WANTED.items():
        writer.writerows(evenly(kept[name], min(count, len(kept[name]))))
    with open(target, "wb") as file:
        with gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
            packed.write(text.getvalue().encode())


main()
