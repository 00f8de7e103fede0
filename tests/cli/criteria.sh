#!/usr/bin/env bash
# Every criterion from training to interpretation, on labels derived from real sequences.
source "$(dirname "$0")/lib.sh"

# GC content, its class, a count and three related values, with gaps, from the sample's sequences.
zcat "$samples/tf30_small.tsv.gz" | awk -F'\t' '
  NR == 1 { for (i = 1; i <= NF; i++) { if ($i == "seq") s = i; if ($i == "set") p = i }
            print "id\tset\tseq\tgc\tclass\tcpg\tat\tcpgs"; next }
  { gc = gsub(/[CG]/, "&", $s) / length($s); n = gsub(/CG/, "&", $s)
    class = gc < 0.42 ? "poor" : gc < 0.52 ? "middle" : "rich"
    if (NR % 7 == 0) class = "NA"
    printf "%s\t%s\t%s\t%s\t%s\t%d\t%.4f\t%.3f\n", $1, $p, $s, NR % 5 ? gc : "nan", class, n, 1 - gc, n / 10 }
  ' > derived.tsv

# whole_road CRITERION TARGETS METRICS HEADER: METRICS are rows that eval must have.
whole_road() {
  local criterion=$1 targets=$2 row
  local few=(--num-units 8 --num-epochs 2 --quiet)
  expect 0 train derived.tsv -o $criterion --criterion $criterion --targets "$targets" "${few[@]}"
  [ ! -s stderr ] || die "training with $criterion says: $(cat stderr)"
  awk -F'\t' 'NR > 1 && ($2 == "nan" || $3 == "nan" || NF != 3) { exit 1 }' $criterion/losses.tsv ||
    die "losses of $criterion: $(cat $criterion/losses.tsv)"
  expect 0 eval $criterion/model.safetensors derived.tsv --targets "$targets" -o $criterion-judged
  for row in $3 loss; do expect_text stdout "^$row	-?[0-9.e-]+	"; done
  expect 0 predict $criterion/model.safetensors derived.tsv -o $criterion.tsv
  [ "$(head -n 1 $criterion.tsv)" = "id	$4" ] || die "header: $(head -n 1 $criterion.tsv)"
  shift 4
  expect 0 interpret $criterion/model.safetensors derived.tsv --targets "$targets" \
    -o $criterion-motifs "$@"
  expect_text $criterion-motifs/filters.meme '^MOTIF filter[0-7]$'
}

whole_road mse gc 'Pearson Pearson-per-task Spearman R2' gc
whole_road crossentropy class 'accuracy aucROC aucPR' $'middle\tpoor\trich'
awk -F'\t' 'NR > 1 && !/^#/ { d = $2 + $3 + $4 - 1; if (d > 1e-6 || d < -1e-6) exit 1 }' \
  crossentropy.tsv || die 'probabilities of the classes do not sum to 1'
whole_road poissonnll cpg 'Pearson Spearman R2' cpg
awk -F'\t' 'NR > 1 && !/^#/ && !($2 > 0) { exit 1 }' poissonnll.tsv || die 'a count below 0'
whole_road pearson gc,at,cpgs 'Pearson well-predicted Spearman' $'gc\tat\tcpgs' --correlation=-0.9
refuse 2 'pearson.*at least two|pearson.*two' train derived.tsv -o out --criterion pearson --targets gc
refuse 2 'at.*well.predicted|--exact-match|exact' interpret mse/model.safetensors derived.tsv -o out --exact-match
expect 0 interpret mse/model.safetensors derived.tsv -o bottom --percentile-bottom 30 \
  --num-well-pred-seqs 9
expect_text stderr '^9 of 400 sequences'

# One 0/1 column a class says the same as the column of names.
awk -F'\t' 'NR == 1 { print "id\tset\tseq\tmiddle\tpoor\trich"; next } {
  if ($5 == "NA") a = b = c = "nan"; else { a = ($5 == "middle"); b = ($5 == "poor"); c = ($5 == "rich") }
  print $1 "\t" $2 "\t" $3 "\t" a "\t" b "\t" c }' derived.tsv > onehot.tsv
expect 0 train onehot.tsv -o onehot --criterion crossentropy --num-units 8 --num-epochs 2
cmp onehot/model.safetensors crossentropy/model.safetensors || die 'one-hot classes train otherwise'

for num_fc in 0 1 3; do
  expect 0 train derived.tsv -o fc$num_fc --criterion mse --targets gc --num-fc $num_fc \
    --num-units 4 --num-epochs 1 --optimizer sgd --momentum 0.9 --lr 0.0001 --trim-weights
  expect 0 interpret fc$num_fc/model.safetensors derived.tsv -o fc$num_fc/motifs --percentile-top 60
  awk -F'\t' 'NR > 1 && !/^#/ && $2 < 0 { exit 1 }' fc$num_fc/motifs/weights.tsv ||
    die '--trim-weights left a negative weight'
done
