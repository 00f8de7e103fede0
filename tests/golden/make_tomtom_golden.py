#!/usr/bin/env python3
"""What motif comparison must find with options other than the defaults -> tomtom/<name>.tsv.gz.

usage: make_tomtom_golden.py QUERIES TARGETS [OUTPUT_FOLDER]   (Python 3.11, numpy 1.24)

A transcription of the published algorithm (Gupta 2007, Genome Biol 8:R24; complete scores: Tanaka 2011)
in numpy: every alignment enumerated, every distribution convolved by itself, no sharing between targets.
With --check TABLE it instead compares all queries by the defaults and exits with 1 unless the rows are
those of TABLE (tomtom/tomtom.tsv.gz, made by the standard tool), digit for digit.
"""

import gzip
import os
import sys

import numpy as np

FEW = 20  # queries, the first of the file
OPTIONS = {
    "pearson": {"dist": "pearson"},
    "one_strand": {"strands": 1},
    "overlap": {"min_overlap": 8, "pseudo": 1.0, "threshold": 0.9},
    "evalue": {"evalue": True, "threshold": 10},
}
HEADER = ("Query_ID Target_ID Optimal_offset p-value E-value q-value Overlap Query_consensus "
          "Target_consensus Orientation").split()


def lines_of(path):
    opened = gzip.open(path, "rt") if path.endswith(".gz") else open(path, encoding="ascii")
    with opened as lines:
        return [line.strip() for line in lines]


def read_meme(path):
    """Motifs as (id, rows, sites), and the background."""
    motifs, background = [], np.full(4, 0.25)
    lines = lines_of(path)
    for i, line in enumerate(lines):
        words = line.replace("=", "= ").split()
        if line.startswith("Background"):
            background = np.array([float(word) for word in lines[i + 1].split()[1::2]])
        elif line.startswith("MOTIF"):
            name = words[1]
        elif line.startswith("letter-probability"):
            given = dict(zip(words, words[1:]))
            width = int(given["w="])
            rows = np.array([[float(x) for x in row.split()] for row in lines[i + 1 : i + 1 + width]])
            sums = rows.sum(1)
            rows[np.abs(sums - 1) > 1e-5] /= sums[np.abs(sums - 1) > 1e-5, None]
            motifs.append((name, rows, int(float(given.get("nsites=", 0))) or 20))
    return motifs, (background + background[::-1]) / 2


def consensus(rows):
    text = ""
    for row in rows:
        best, most = 0, np.float32(row[0])
        for i in range(1, 4):
            if row[i] > float(most):
                best, most = i, np.float32(row[i])
        text += "ACGT"[best]
    return text


def similarities(query, columns, dist):
    if dist == "ed":
        d = columns[None] - query[:, None]
        return -np.sqrt(d[..., 0] ** 2 + d[..., 1] ** 2 + d[..., 2] ** 2 + d[..., 3] ** 2)
    q, c = query - 0.25, columns - 0.25
    norms = np.outer((q**2).sum(1), (c**2).sum(1))
    flat = ((q**2).sum(1)[:, None] < 1e-20) | ((c**2).sum(1)[None] < 1e-20)
    return np.where(flat, 0, q @ c.T / np.sqrt(np.where(flat, 1, norms)))


def integer_scores(query, columns, dist):
    s = similarities(query, columns, dist)
    n = s.shape[1]
    ordered = np.sort(s, 1)
    s = s - ((ordered[:, max(n // 2 - 1, 0)] + ordered[:, max(-(-n // 2) - 1, 0)]) / 2)[:, None]
    least, most = s.min(), s.max()
    if least == most:
        least = most - 1
    offset = np.floor(least)
    scale = np.floor(100 / (most - offset))
    return np.floor((s - offset) * scale + 0.5).astype(int), int(-offset * scale)


def alignments(nq, t):
    """(offset, first and last aligned query column)"""
    return [(o, max(0, -o), min(nq - 1, t - 1 - o)) for o in range(-(nq - 1), t)]


def window_distributions(scores, penalty):
    nq, n = scores.shape
    one = [np.bincount(row, minlength=101) / n for row in scores]
    out = {}
    for a in range(nq):
        sums = np.ones(1)
        for b in range(a, nq):
            sums = np.convolve(sums, one[b])
            p = np.zeros(nq * 101 + 1)
            shift = (nq - (b - a + 1)) * penalty
            p[shift : shift + len(sums)] = sums
            out[a, b] = p
    return out


def upper_tail(windows, nq, t, strands):
    p, below = None, None
    for _, a, b in alignments(nq, t):
        other = windows[a, b]
        other_below = np.cumsum(other)
        for _ in range(strands):
            if p is None:
                p, below = other.copy(), other_below.copy()
                continue
            p = p * other_below + np.concatenate([[0], below[:-1]]) * other
            below = below * other_below
    return np.cumsum(p[::-1])[::-1]


def best_alignment(scores, begin, t, penalty, min_overlap):
    nq = len(scores)
    best = None
    for offset, a, b in alignments(nq, t):
        overlap = b - a + 1
        if overlap < min(min_overlap, nq, t):
            continue
        i = np.arange(a, b + 1)
        score = scores[i, begin + i + offset].sum() + (nq - overlap) * penalty
        if best is None or (score, overlap) > best[:2]:
            best = (score, overlap, offset)
    return best


class Random:
    """MT19937 in the seeding of 1998, two words a number."""

    def __init__(self, seed=4357):
        state = []
        for _ in range(624):
            state.append(seed)
            seed = seed * 69069 % 2**32
        self.words = np.random.RandomState()
        self.words.set_state(("MT19937", np.array(state, np.uint32), 624))

    def numbers(self, count):
        words = self.words.randint(0, 2**32, size=2 * count, dtype=np.uint32).astype(float)
        return words[::2] * 2.0**-32 + words[1::2] * 2.0**-64


def share_without_effect(p, random):
    n = len(p)
    if n <= 100:
        return 1
    p = np.sort(p).astype(float)
    lambdas = np.arange(1, 101) / 100 * float(np.float32(0.5))
    share = lambda values: (values[None] > lambdas[:, None]).sum(1) / (len(values) * (1 - lambdas))
    shares = share(p)
    draws = (random.numbers(100 * 1000) * n).astype(int).reshape(100, 1000)
    errors = sum((share(p[draw]) - shares.min()) ** 2 for draw in draws)
    return min(shares[np.argmin(errors)], 1)


def q_values(p, random):
    n = len(p)
    share = share_without_effect(p, random)
    order = np.argsort(p, kind="stable")
    q = p[order].astype(float) * n / np.arange(1, n + 1) * share
    q = np.minimum(np.minimum.accumulate(q[::-1])[::-1], 1)
    out = np.empty(n)
    out[order] = q
    return out.astype(np.float32)


def compare(queries, targets, background, dist="ed", strands=2, min_overlap=1, pseudo=0.1, threshold=0.5,
            evalue=False):
    smooth = lambda m: (m[1] * m[2] + pseudo * background) / (m[2] + pseudo)
    known = []
    for target in targets:
        rows = smooth(target)
        known += [rows, rows[::-1, ::-1]][:strands]
    columns = np.concatenate(known)
    begins = np.cumsum([0] + [len(rows) for rows in known])
    random = Random()
    for name, rows, sites in queries:
        query = smooth((name, rows, sites))
        scores, penalty = integer_scores(query, columns, dist)
        windows = window_distributions(scores, penalty)
        tails = {t: upper_tail(windows, len(query), t, strands) for t in set(map(len, known))}
        best = [best_alignment(scores, begin, len(target), penalty, min_overlap)
                for begin, target in zip(begins, known)]
        p = np.array([tails[len(target)][b[0]] for b, target in zip(best, known)], np.float32)
        e = p * np.float32(len(targets))
        q = q_values(p, random)
        found = []
        for target in range(len(targets)):
            k = min(range(target * strands, (target + 1) * strands), key=lambda s: (p[s], -best[s][1], s))
            if (e[k] if evalue else q[k]) <= threshold:
                found.append((p[k], -best[k][1], "+-"[k % strands] + targets[target][0], k))
        for _, _, key, k in sorted(found):
            numbers = ["%g" % x for x in (p[k], e[k], q[k])]
            yield [name, key[1:], str(best[k][2]), *numbers, str(best[k][1]), consensus(query),
                   consensus(known[k]), key[0]]


def main():
    arguments = sys.argv[1:]
    check = arguments.pop(arguments.index("--check") + 1) if "--check" in arguments else None
    if check:
        arguments.remove("--check")
    queries, background = read_meme(arguments[0])
    targets, _ = read_meme(arguments[1])
    if check:
        wanted = [line for line in lines_of(check) if line and not line.startswith("#")]
        found = ["\t".join(row) for row in [HEADER, *compare(queries, targets, background)]]
        print(len(found) - 1, "rows,", "the same" if found == wanted else "NOT THE SAME")
        sys.exit(found != wanted)
    folder = arguments[2] if len(arguments) > 2 else os.path.join(os.path.dirname(__file__), "tomtom")
    for name, options in OPTIONS.items():
        rows = [HEADER, *compare(queries[:FEW], targets, background, **options)]
        text = "".join("\t".join(row) + "\n" for row in rows)
        with open(os.path.join(folder, name + ".tsv.gz"), "wb") as raw:
            with gzip.GzipFile("", "wb", 9, raw, mtime=0) as out:
                out.write(text.encode("ascii"))
        print(name, len(rows) - 1, "rows")


main()
