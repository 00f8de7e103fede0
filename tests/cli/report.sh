#!/usr/bin/env bash
# The report of interpret: made again from its folder with the same bytes, its numbers those of the
# tables and of explainn eval, whatever the number of threads.
source "$(dirname "$0")/lib.sh"
data=$samples/tf30_small.tsv.gz

expect 0 train "$data" -o trained --criterion bcewithlogits --rev-complement --num-units 12 \
  --num-epochs 2 --threads 2
model=trained/model.safetensors
expect 0 interpret $model "$data" -o plain --no-report
for name in report.html report.json figures; do
  [ ! -e plain/$name ] || die "--no-report wrote $name"
done
sed 's/^MOTIF filter\([0-9]*\)$/MOTIF K\1 <b>\1\&<\/b>/' plain/filters.meme > known.meme
for threads in 1 2; do
  expect 0 interpret $model "$data" -o motifs$threads --motifs known.meme --threads $threads
done
expect_text stderr 'wrote filters.meme, .*report.json, report.html'
for name in report.html report.json; do
  cmp motifs1/$name motifs2/$name || die "$name depends on threads"
done
report=motifs1/report.html
[ ! -e motifs1/figures ] || die 'figures that nobody asked for'

# One file that asks for nothing else.
[ "$(head -n 1 $report)" = '<!DOCTYPE html>' ] || die 'no HTML'
! grep -qE '(src|href)="[^#]|url\(|@import|https?://[^w]' $report || die 'the report asks for files'
! grep -q '<b>[0-9]' $report || die 'a name was taken for markup'
grep -q '&lt;b&gt;[0-9]' $report || die 'names of known motifs are missing'

# Made again.
cp $report first.html
expect 1 report motifs1
expect_text stderr '--force'
expect 0 report motifs1 -o again.html
cmp first.html again.html || die 'another page from the same folder'
rm motifs1/report.html
expect 0 report motifs1
cmp first.html $report || die 'another page from the same folder'
expect 0 report motifs1 --force --figures
cmp first.html $report || die 'figures change the page'
expect_text stderr 'plots? into motifs1/figures'
for name in heat-map learning-curve; do
  grep -q '<svg' motifs1/figures/$name.svg || die "no figure $name"
done
motifs=$(grep -c '^MOTIF' motifs1/filters.meme)
for folder in logos importances matches roc precision-recall; do
  [ -n "$(ls motifs1/figures/$folder)" ] || die "no figures of $folder"
done
[ "$(ls motifs1/figures/importances | wc -l)" -eq "$motifs" ] || die 'not one plot a filter'
refuse 1 'figures.*--force' report motifs1 --figures -o out
mkdir -p old/figures
refuse 1 "figures.*--force" interpret $model "$data" -o old --figures
refuse 2 'no-report' interpret $model "$data" -o out --figures --no-report
expect 0 interpret $model "$data" -o motifs2 --motifs known.meme --force --figures
diff -r motifs1/figures motifs2/figures || die 'other figures from interpret'

# Numbers: of filters.tsv, in its order.
sed -n '/id="filter-table"/,/<\/table>/p' $report | grep '<tr data-unit' |
  sed 's/[^>]*<th scope="row"><a[^>]*>\([^<]*\)/\n\1\n/; s/<svg.*<\/svg>//' |
  sed 's/<td class="n" data-value="\([^"]*\)">/\n=\1\n/g' |
  awk '/^filter[0-9]+$/ { if (line != "") print line; line = $0 } /^=/ { line = line "\t" substr($0, 2) } END { print line }' > shown
awk -F'\t' 'FNR == 1 { for (i = 1; i <= NF; i++) c[$i] = i; next } /^#/ { next }
  { print $1 "\t" $c["q-value"] "\t" $c["sites"] "\t" $c["information"] "\t" $c["importance"] }' \
  motifs1/filters.tsv > wanted
cut -f1-4,6 shown > without_effects
diff without_effects wanted || die 'the table of filters has other numbers than filters.tsv'

awk -F'\t' 'FNR == 1 || /^#/ { next } { best = 0; text = "nan"
  for (i = 3; i <= NF; i++) { size = $i < 0 ? -$i : $i + 0; if (size > best) { best = size; text = $i } }
  print $1 "\t" text }' motifs1/effects.tsv > wanted
diff <(cut -f1,5 shown) wanted || die 'the table of filters has other numbers than effects.tsv'

# Effects of units sum to that of the logit: the mean of positives less that of negatives.
zcat "$data" | awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "set") s = i } NR == 1 || $s == "test"' > test.tsv
expect 0 predict $model test.tsv --logits -o logits.tsv
paste <(cut -f1-  test.tsv) <(grep -v '^#' logits.tsv) | awk -F'\t' '
  NR == 1 { for (i = 1; i <= NF; i++) { if ($i in first) second[$i] = i; else first[$i] = i } next }
  { for (task in second) { label = $first[task]; if (label == "" || label == "nan") continue
      n[task, label]++; sum[task, label] += $second[task] } }
  END { for (task in second) if (task != "id" && n[task, 1] && n[task, 0])
      print task "\t" sum[task, 1] / n[task, 1] - sum[task, 0] / n[task, 0] }' | sort > slopes
awk -F'\t' 'NR == 1 { for (i = 3; i <= NF; i++) name[i] = $i; next } /^#/ { next }
  { for (i = 3; i <= NF; i++) if ($i == "nan") none[i] = 1; else sum[i] += $i }
  END { for (i in name) if (!(i in none)) print name[i] "\t" sum[i] }' motifs1/effects.tsv | sort > sums
[ "$(wc -l < slopes)" -ge 5 ] || die 'no tasks to compare'
join -t "$(printf '\t')" slopes sums | awk -F'\t' '{ d = $2 - $3; n++
  if (d > 1e-4 || d < -1e-4) { print "effects of " $1 " sum to " $3 ", not " $2; exit 1 } } END { if (n < 5) exit 2 }' ||
  die 'effects do not sum to the effect of the logit'

# Numbers: of explainn eval on the test split.
expect 0 eval $model "$data" -o judged
sed -n '/id="metric-table"/,/<\/tbody>/p' $report | grep '^<tr><th scope="row">' |
  sed 's/<tr><th scope="row">\([^<]*\)<\/th>/\1/; s/<td class="n" data-value="\([^"]*\)">[^<]*\(<sup>[^<]*<\/sup>\)*<\/td>/\t\1/g; s/<\/tr>//' |
  cut -f1,4- > shown
awk -F'\t' '/^#/ { next } { for (i = 1; i <= NF; i++) cell[NR, i] = $i; rows = NR; columns = NF }
  END { for (i = 3; i <= columns; i++) { line = cell[1, i]
    for (r = 2; r <= rows; r++) if (cell[r, 1] ~ /^auc/) line = line "\t" cell[r, i]
    print line } }' judged/performance-metrics.tsv > wanted
diff shown wanted || die 'the report judges otherwise than eval'

# Weights and importances as the script looks them up.
sed -n 2p motifs1/weights.tsv | cut -f3- | tr '\t' ',' > first_row
grep -qF "\"weights\":[[$(cat first_row)]" $report || die 'other weights than in weights.tsv'

# What is no such folder.
refuse 1 'report.json' report plain
refuse 1 'report.json' report nowhere
cp -r motifs2 broken
sed -i '3s/\t[^\t]*$//' broken/weights.tsv
refuse 1 'broken/weights.tsv:3: .*fields' report broken --force
cmp broken/report.html motifs2/report.html || die 'a failure left another page behind'

# Without known motifs, without a test split, of values: a page all the same.
expect 0 interpret $model "$data" -o bare --split all
[ "$(grep -c 'Looks like' bare/report.html)" -eq 0 ] || die 'names without known motifs'
zcat "$data" | awk -F'\t' -v OFS='\t' 'NR == 1 { for (i = 1; i <= NF; i++) if ($i == "seq") s = i; print "id", "seq", "gc"; next }
  { n = gsub(/[GC]/, "&", $s); print $1, $s, n / 200 }' > values.tsv
expect 0 train values.tsv -o values --criterion mse --num-units 4 --num-epochs 1
expect 0 interpret values/model.safetensors values.tsv -o values/motifs --percentile-top 50
expect_text values/motifs/report.html 'Pearson'
expect_text values/motifs/report.html 'the data have no others'
