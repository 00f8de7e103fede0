#!/usr/bin/env bash
# The forms data come in: no header, CSV, FASTA, FASTQ, splits by file, column, share and chromosome.
source "$(dirname "$0")/lib.sh"
table=$samples/tf30_small.tsv.gz
few=(--criterion bcewithlogits --num-units 4 --num-epochs 1)

zcat "$table" | awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) { if ($i == "seq") s = i; if ($i == "set") p = i; if ($i == "MAX") m = i }; next }
  { print > "/dev/null" } { print $1 "\t" $s "\t" $m > ($p ".tsv") }' || die 'awk'
for part in train valid test; do
  awk -F'\t' -v OFS=, 'BEGIN { print "id,seq,MAX" } { print $1, $2, $3 }' $part.tsv > $part.csv
  awk -F'\t' '{ print ">" $1 "\n" $2 }' $part.tsv > $part.fa
  awk -F'\t' '{ q = $2; gsub(/./, "I", q); print "@" $1 "\n" $2 "\n+\n" q }' $part.tsv > $part.fq
done

# One table with a column set, two files, with header and without: the same model.
expect 0 train "$table" -o whole --targets MAX "${few[@]}"
expect 0 train train.csv valid.csv -o two "${few[@]}"
cmp whole/model.safetensors two/model.safetensors || die 'VALID and the column set disagree'
expect 0 train train.tsv valid.tsv -o bare --targets MAX "${few[@]}"
cmp whole/model.safetensors bare/model.safetensors || die 'without a header it is another model'
gzip -k train.csv
expect 0 train - valid.csv -o piped "${few[@]}" < train.csv.gz
cmp whole/model.safetensors piped/model.safetensors || die 'gzip on stdin gives another model'

# Lower case and U for T are the same bases.
awk -F, -v OFS=, 'NR > 1 { $2 = tolower($2); gsub(/t/, "u", $2) } 1' train.csv > soft.csv
expect 0 train soft.csv valid.csv -o soft "${few[@]}"
cmp whole/model.safetensors soft/model.safetensors || die 'case or U changes the model'

expect 0 predict whole/model.safetensors test.fa && cp stdout fasta.tsv
for form in fq csv tsv; do
  expect 0 predict whole/model.safetensors test.$form
  same stdout fasta.tsv
done
expect 0 info test.fq
expect_text stdout '^sequences	100$'
[ "$(head -n 1 fasta.tsv)" = $'id\tMAX' ] || die 'header'

# No splits at all: a seeded tenth validates.
expect 0 train train.csv -o tenth "${few[@]}"
expect_text stderr '^360 training sequences, 40 for validation'
expect 0 train train.csv -o fifth --valid-fraction 0.2 "${few[@]}"
expect_text stderr '^320 training sequences, 80 for validation'
refuse 2 'valid-fraction 0' train train.csv -o out --valid-fraction 0 "${few[@]}"
refuse 2 'valid-fraction 1.5' train train.csv -o out --valid-fraction 1.5 "${few[@]}"

expect 0 train --positives train.fa --negatives test.fa -o against "${few[@]}"
expect_text stderr '^450 training sequences, 50 for validation'
expect 0 eval against/model.safetensors --positives train.fa --negatives test.fa
expect_text stdout '^aucROC	0\.'
refuse 2 'needs|requires' train --positives train.fa -o out "${few[@]}"
refuse 2 'excludes' train train.csv --positives train.fa --negatives test.fa -o out "${few[@]}"
refuse 2 'data file' train -o out "${few[@]}"

awk -F'\t' 'BEGIN { print "chrom\tstart\tend\tseq\tMAX" }
  { print "chr" NR % 4 + 1 "\t" NR * 100 "\t" NR * 100 + 200 "\t" $2 "\t" $3 }' train.tsv > places.tsv
expect 0 train places.tsv -o places --valid-chroms chr2 --test-chroms chr3,chr4 "${few[@]}"
expect_text stderr '^100 training sequences, 100 for validation'
expect 0 eval places/model.safetensors places.tsv --test-chroms chr3 --split test
expect_text stderr '100 sequences \(split: test\), one strand'
refuse 1 'chr9' train places.tsv -o out --valid-chroms chr9 "${few[@]}"
refuse 1 'no splits' eval places/model.safetensors places.tsv --split test

# Other lengths are cropped and padded, and that is said once.
awk -F'\t' 'NR % 10 == 0 { $2 = substr($2, 50) } NR % 10 == 1 { $2 = $2 $2 } { print $1 "\t" $2 "\t" $3 }' \
  train.tsv > ragged.tsv
expect 0 train ragged.tsv -o ragged --valid-fraction 0.5 "${few[@]}"
[ "$(grep -c '40 are longer than the input length 200 and were cropped, 40 are shorter' stderr)" -eq 1 ] ||
  die "ragged lengths: $(cat stderr)"
expect 0 train ragged.tsv -o narrow --input-length 100 "${few[@]}"
expect 0 info narrow/model.safetensors
expect_text stdout '^input_length	100$'

sed 's/^\([^,]*\),AC/\1,NC/' train.csv > unknown.csv
expect 0 train unknown.csv valid.csv -o dropped --drop-n "${few[@]}"
expect_text stderr 'with an unknown base left out'
: > nothing.fa
refuse 1 'nothing.fa' predict whole/model.safetensors nothing.fa -o out

# Every instruction set that the machine has predicts the same; another name is refused.
expect 0 predict whole/model.safetensors test.fa --logits && cp stdout logits.tsv
for set in baseline avx2 avx512; do
  if EXPLAINN_ISA=$set "$explainn" predict whole/model.safetensors test.fa --logits > stdout 2> stderr; then
    close logits.tsv stdout 2e-5
  else
    expect_text stderr "EXPLAINN_ISA is '$set'; this machine has: baseline"
  fi
done
export EXPLAINN_ISA=sse9
refuse 2 "EXPLAINN_ISA is 'sse9'; this machine has: baseline" predict whole/model.safetensors test.fa -o out
unset EXPLAINN_ISA
