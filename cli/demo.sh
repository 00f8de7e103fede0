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
known=cli/demo/JASPAR2020_vertebrates.meme.gz

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
run interpret "$out/trained/model.safetensors" $data -o "$out/motifs" --motifs $known --force

# The filter with the largest effect on each task: what its unit adds to positives beyond negatives.
top_motifs() {
  awk -F'\t' '
    /^#/ { next }
    FNR == 1 { file++; for (i = 1; i <= NF; i++) title[file, i] = $i; columns = NF; next }
    file == 1 { for (i = 2; i <= NF; i++) of[$1, title[1, i]] = $i; next }
    {
      for (t = 3; t <= NF; t++) {
        if ($t != "nan" && $t > 0 && (!(t in best) || $t + 0 > value[t])) { best[t] = $1; value[t] = $t + 0 }
      }
    }
    END {
      print "task\tfilter\tlooks like\tq-value\teffect\tsites\tconsensus"
      for (t = 3; t <= columns; t++) {
        if (!(t in best)) continue
        q = of[best[t], "q-value"]
        printf "%s\t%s\t%s\t%s\t%.4f\t%d\t%s\n", title[2, t], best[t], of[best[t], "annotation"],
          (q == "" ? "" : sprintf("%.0e", q)), value[t], of[best[t], "sites"], of[best[t], "consensus"]
      }
    }' "$out/motifs/filters.tsv" "$out/motifs/effects.tsv"
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
printf '\n== The motif that does most to tell the sites of each factor apart (all of them: %s)\n' \
  "$out/motifs/filters.tsv"
top_motifs
printf '\nThe model: %s   Predictions: %s\n' "$out/trained/model.safetensors" "$out/predictions.tsv"
printf 'The report, for a browser: %s\n' "$out/motifs/report.html"
