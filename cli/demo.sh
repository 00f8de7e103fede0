#!/usr/bin/env bash
# The whole road in one go: install what is missing, build, train, evaluate, predict and interpret on
# real data that come with the repository (cli/demo/README.md).
#   bash cli/demo.sh [--no-install] [--build-dir DIR] [--out DIR]
set -euo pipefail

usage() {
  sed -n '2,4s/^# //p' "$0"
  exit "$1"
}

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
install=1
build=$here/build/release
out=
while [ $# -gt 0 ]; do
  case $1 in
    --no-install) install=0 ;;
    --build-dir) build=$(realpath -m "${2:?--build-dir needs a folder}") && shift ;;
    --out) out=$(realpath -m "${2:?--out needs a folder}") && shift ;;
    -h | --help) usage 0 ;;
    *) echo "demo.sh: unknown option $1" >&2 && usage 2 >&2 ;;
  esac
  shift
done
out=${out:-$(dirname "$build")/demo}

cd "$here"
source cmake/debian_packages.sh
if [ $install = 1 ]; then install_missing "${BUILD_PACKAGES[@]}"; fi

echo "== Building in $build"
configure "$build" -DCMAKE_BUILD_TYPE=Release > /dev/null
cmake --build "$build" --target explainn --parallel "$(nproc)"
explainn=$build/cli/explainn
data=cli/demo/tf_demo.tsv.gz

# run ARGUMENTS..: shows the command, then does it.
run() {
  printf '\n== explainn'
  printf ' %s' "$@"
  printf '\n'
  "$explainn" "$@"
}

run train $data -o "$out/trained" --criterion bcewithlogits --rev-complement --num-epochs 10 --force
run eval "$out/trained/model.safetensors" $data -o "$out/judged" --force > /dev/null
run predict "$out/trained/model.safetensors" $data -o "$out/predictions.tsv" --force
run interpret "$out/trained/model.safetensors" $data -o "$out/motifs" --force

# The motif with the largest median importance for each task, as consensus: a capital where one base
# has at least 60 %, a small letter from 40 % on, else a dot.
top_motifs() {
  awk -F'\t' '
    FNR == NR {
      if ($1 ~ /^MOTIF /) { split($1, part, " "); filter = part[2] }
      if ($1 ~ /^letter-probability/) { match($1, /nsites= *[0-9]+/); sites[filter] = substr($1, RSTART + 7, RLENGTH - 7) + 0 }
      if ($1 ~ /^ *[01]\.[0-9]/) {
        split($1, p, " "); best = 1
        for (i = 2; i <= 4; i++) if (p[i] + 0 > p[best] + 0) best = i
        letter = substr("ACGT", best, 1)
        motif[filter] = motif[filter] (p[best] >= 0.6 ? letter : p[best] >= 0.4 ? tolower(letter) : ".")
      }
      next
    }
    /^#/ { next }
    FNR == 1 { for (t = 2; t <= NF; t++) task[t] = $t; tasks = NF; next }
    { for (t = 2; t <= NF; t++) if ($t != "nan") { value[t, ++count[t]] = $t + 0; name[t, count[t]] = $1 } }
    END {
      print "task\tfilter\tmedian importance\tsites\tconsensus"
      for (t = 2; t <= tasks; t++) {
        best = 0
        for (i = 1; i <= count[t]; i++) if (best == 0 || value[t, i] > value[t, best]) best = i
        if (best == 0 || value[t, best] <= 0) continue
        f = name[t, best]
        printf "%s\t%s\t%.4f\t%d\t%s\n", task[t], f, value[t, best], sites[f], motif[f]
      }
    }' "$out/motifs/filters.meme" "$out/motifs/importances.tsv"
}

# The table of metrics with a row a task.
metrics_by_task() {
  awk -F'\t' '
    /^#/ { next }
    { for (i = 1; i <= NF; i++) cell[NR, i] = $i; rows = NR; columns = NF }
    END {
      for (i = 1; i <= columns; i++) {
        line = i == 1 ? "task" : cell[1, i]
        for (r = 2; r <= rows; r++) {
          if (cell[r, 1] == "loss") continue
          line = line "\t" (i == 1 ? cell[r, 1] : sprintf("%.4f", cell[r, i]))
        }
        print line
      }
    }' "$out/judged/performance-metrics.tsv"
}

printf '\n== How good the model is on the test split (%s)\n' "$out/judged/performance-metrics.tsv"
metrics_by_task
printf '\n== The motif that matters most for each factor (all of them: %s)\n' \
  "$out/motifs/filters.meme"
top_motifs
printf '\nThe model: %s   Predictions: %s\n' "$out/trained/model.safetensors" "$out/predictions.tsv"
