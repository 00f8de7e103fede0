#!/usr/bin/env bash
# Train, evaluate, predict, interpret, info on real data; one thread and two give the same bytes.
source "$(dirname "$0")/lib.sh"
data=$samples/tf30_small.tsv.gz
tasks=$'FOXA1\tMAX\tJUND\tCTCFL\tSPI1'

for threads in 1 2; do
  expect 0 train "$data" -o trained$threads --criterion bcewithlogits --rev-complement \
    --num-units 12 --num-epochs 2 --checkpoint 1 --threads $threads --device cpu
done
head -n 1 stderr | grep -qE '^explainn [0-9.]+ .*CPU, 2 threads, seed 1714$' || die "$(head -1 stderr)"
tail -n 1 stderr | grep -qE '^wrote trained2/model.safetensors .*; [0-9.]+ s, peak memory' ||
  die "$(tail -n 1 stderr)"
[ "$(grep -c '^epoch ' stderr)" -eq 2 ] || die 'one line an epoch'
for name in model.safetensors losses.tsv model_epoch_1.safetensors model_epoch_2.safetensors; do
  cmp trained1/$name trained2/$name || die "$name depends on the number of threads"
done
[ "$(head -n 1 trained1/losses.tsv)" = $'Epoch\tTrain loss\tValidation loss' ] || die losses.tsv
[ "$(wc -l < trained1/losses.tsv)" -eq 3 ] || die 'losses.tsv: a line an epoch'
expect_text trained1/learning-curve.svg '<svg'
expect_text trained1/run.json '"xxh128": "[0-9a-f]{32}"'
expect_text trained1/run.json '"device": "cpu",$'
expect_text trained1/run.json '"device_name": "CPU",$'
ls -A trained1 | grep -vE '^(checkpoint|losses.tsv|learning-curve.svg|run.json|model(_epoch_[12])?.safetensors)$' &&
  die 'files nobody asked for'

# The same run by its run.json, elsewhere; with another seed it is another model.
expect 0 train --config trained1/run.json -o again
cmp trained1/model.safetensors again/model.safetensors || die '--config run.json gave another model'
expect 0 train --config trained1/run.json -o other --seed 5
cmp -s trained1/model.safetensors other/model.safetensors && die 'the seed does nothing'
expect 1 train --config trained1/run.json
expect_text stderr '--resume.*--force'
expect 0 train --config trained1/run.json --force --quiet
[ ! -s stderr ] || die "--quiet says $(cat stderr)"

model=trained1/model.safetensors
for threads in 1 2; do
  expect 0 eval $model "$data" -o judged$threads --threads $threads
  cmp stdout judged$threads/performance-metrics.tsv || die 'the table on stdout is another one'
  expect 0 predict $model "$data" -o predicted$threads.tsv --threads $threads
  expect 0 interpret $model "$data" -o motifs$threads --all-importances --threads $threads
done
same judged1/performance-metrics.tsv judged2/performance-metrics.tsv
same predicted1.tsv predicted2.tsv
for name in filters.meme weights.tsv importances.tsv; do same motifs1/$name motifs2/$name; done
same <(zcat motifs1/importances.tsv.gz) <(zcat motifs2/importances.tsv.gz)

[ "$(head -n 1 judged1/performance-metrics.tsv)" = "metric	global	$tasks" ] || die 'header of metrics'
for row in aucROC aucPR loss; do expect_text judged1/performance-metrics.tsv "^$row	0\.[0-9]+	"; done
expect_text judged1/performance-metrics.tsv '^# explainn [0-9.]+: explainn eval '
# The loss on the validation split is the validation loss of the best epoch.
expect 0 eval $model "$data" --split valid
loss=$(awk -F'\t' '$1 == "loss" { print $2 }' stdout)
awk -F'\t' -v loss="$loss" 'NR > 1 && (best == "" || $3 < best) { best = $3 }
  END { d = best - loss; exit !(d < 1e-6 && d > -1e-6) }' trained1/losses.tsv ||
  die "loss $loss on the validation split is not in losses.tsv"

[ "$(head -n 1 predicted1.tsv)" = "id	$tasks" ] || die 'header of predictions'
[ "$(grep -vc '^#' predicted1.tsv)" -eq 601 ] || die 'a row a sequence'
awk -F'\t' 'NR > 1 && !/^#/ { for (i = 2; i <= NF; i++) if (!($i > 0 && $i < 1)) exit 1 }' \
  predicted1.tsv || die 'a probability outside (0, 1)'
[ "$(cut -f1 predicted1.tsv | sed -n '2,601p' | md5sum)" = \
  "$(zcat "$data" | cut -f1 | sed -n '2,601p' | md5sum)" ] || die 'ids'

expect 0 predict $model "$data" --logits && cp stdout logits.tsv
awk -F'\t' 'NR == 1 || /^#/ { print; next }
  { for (i = 2; i <= NF; i++) $i = sprintf("%.9g", 1 / (1 + exp(-$i))); print }' OFS='\t' \
  logits.tsv > sigmoid.tsv
close sigmoid.tsv predicted1.tsv 1e-6

# Contributions sum to the logits, and each is a unit's output times its weight.
expect 0 predict $model "$data" --contributions && cp stdout contributions.tsv
[ "$(grep -vc '^#' contributions.tsv)" -eq 3001 ] || die 'a row a sequence and task'
head -n 1 contributions.tsv | grep -qE '^id	task	unit0	.*	unit11	bias	logit$' || die 'header'
awk -F'\t' 'NR > 1 && !/^#/ {
    sum = 0; largest = 1e-30
    for (i = 3; i < NF; i++) { sum += $i; size = $i < 0 ? -$i : $i; if (size > largest) largest = size }
    d = sum - $NF; if (d < 0) d = -d
    if (d > 1e-5 * largest) { print "line " NR; exit 1 }
  }' contributions.tsv || die 'contributions do not sum to the logit'
expect 0 predict $model "$data" --unit-outputs && cp stdout units.tsv
awk -F'\t' '
  FNR == 1 { file++; next } /^#/ { next }
  file == 1 { for (t = 2; t <= NF; t++) weight[FNR - 2, t - 2] = $t; next }
  file == 2 { for (u = 2; u <= NF; u++) unit[$1, u - 2] = $u; next }
  { for (u = 0; u < 12; u++) {
      d = $(u + 3) - unit[$1, u] * weight[u, (FNR - 2) % 5]
      if (d > 1e-6 || d < -1e-6) { print "line " FNR " unit " u; exit 1 } } }
  ' motifs1/weights.tsv units.tsv contributions.tsv || die 'contribution = unit output x weight'

# One strand is another number than both; a piece of the input gives the same rows as the whole.
expect 0 predict $model "$data" --strands one
cmp -s <(grep -v '^#' stdout) <(grep -v '^#' predicted1.tsv) && die '--strands does nothing'
zcat "$data" | awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "seq") s = i; next }
  NR < 40 { print ">" $1 "\n" $s }' > some.fa
"$explainn" predict $model - < some.fa 2> /dev/null | grep -v '^#' > some.tsv
cmp some.tsv <(head -n 39 predicted1.tsv) || die 'FASTA on stdin predicts otherwise than the table'

grep -q '^MEME version 4' motifs1/filters.meme || die 'filters.meme'
[ "$(head -n 1 motifs1/importances.tsv)" = "filter	$tasks" ] || die 'header of importances'
[ "$(grep -c '^filter[0-9]' motifs1/weights.tsv)" -eq 12 ] || die 'weights.tsv: a row a filter'
[ "$(zcat motifs1/importances.tsv.gz | head -n 1)" = "filter	sequence	strand	$tasks" ] ||
  die 'header of importances.tsv.gz'
# The medians of the whole table are the medians of importances.tsv.
zcat motifs1/importances.tsv.gz | grep -v '^#' | tail -n +2 | sort -t$'\t' -k1,1 -k4,4g | awk -F'\t' '
  function flush() { if (n) { m = n % 2 ? v[(n + 1) / 2] : (v[n / 2] + v[n / 2 + 1]) / 2; printf "%s\t%.9g\n", last, m } n = 0 }
  $1 != last { flush(); last = $1 } { v[++n] = $4 } END { flush() }' | sort > medians.tsv
grep '^filter[0-9]' motifs1/importances.tsv | cut -f1,2 | grep -v nan | sort > stored.tsv
close <(printf "h\th\n"; cat medians.tsv) <(printf "h\th\n"; cat stored.tsv) 1e-6

expect 0 info $model
expect_text stdout '^targets	FOXA1,MAX,JUND,CTCFL,SPI1$'
expect_text stdout '^final.weight	5x12	float32$'
expect 0 info "$data"
expect_text stdout '^sequences	600$'
expect_text stdout '^train	400$'
expect_text stdout "^MAX	$(zcat "$data" | awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "MAX") c = i; next }
  $c == "nan" { m++; next } { n++ } END { print n "\t" m }')	0	"

# Results are not overwritten by accident.
expect 1 predict $model "$data" -o predicted1.tsv
expect_text stderr 'predicted1.tsv: exists already; give --force'
expect 1 eval $model "$data" -o judged1
expect 1 interpret $model "$data" -o motifs1
expect 0 interpret $model "$data" -o motifs1 --force

# Operation by operation the numbers are the same, but for rounding.
expect 0 predict $model "$data" --logits --composed
close stdout logits.tsv 1e-4
for computation in '' --composed; do
  expect 0 train "$data" -o steps$computation --criterion bcewithlogits --rev-complement \
    --num-units 12 --num-epochs 1 $computation
done
cmp -s steps/model.safetensors steps--composed/model.safetensors && die '--composed does nothing'
close steps/losses.tsv steps--composed/losses.tsv 1e-4
