#!/usr/bin/env bash
# The authors' own trained model: what PyTorch computes with it, to 1e-5.
source "$(dirname "$0")/lib.sh"
pth=$checkpoint/explainn_3tf.pth
sequences=$checkpoint/sequences.fa

expect 0 convert "$pth" plain.safetensors
expect_text stderr 'no input length given: taking the smallest that fits, 200'
expect 2 predict plain.safetensors "$sequences"
expect_text stderr '--logits'
expect 0 predict plain.safetensors "$sequences" --logits && cp stdout logits.tsv
[ "$(head -n 1 logits.tsv)" = $'id\ttask0\ttask1\ttask2' ] || die 'task names'
close logits.tsv "$checkpoint/logits.tsv" 1e-5
expect 0 predict plain.safetensors "$sequences" --unit-outputs && cp stdout units.tsv
close units.tsv "$checkpoint/unit_outputs.tsv" 1e-5

# With the original's note of its parameters and the task names it is a whole model.
cat > parameters-train.py.json << 'JSON'
{"criterion": "BCEWithLogits", "input_length": 200, "pool_size": 7, "pool_stride": 7,
 "rev_complement": true, "lr": 0.003, "training_file": "train.tsv.gz"}
JSON
expect 0 convert "$pth" named.safetensors --params parameters-train.py.json --targets MAX,FOXA1,JUND
grep -q warning stderr && die "warnings: $(cat stderr)"
expect 0 predict named.safetensors "$sequences" --logits --strands one && cp stdout named.tsv
[ "$(head -n 1 named.tsv)" = "$(head -n 1 "$checkpoint/logits.tsv")" ] || die 'task names'
close named.tsv "$checkpoint/logits.tsv" 1e-5
expect 0 predict named.safetensors "$sequences" && cp stdout both.tsv
expect 0 info named.safetensors
expect_text stdout '^strands	both$'
expect_text stdout '^criterion	bcewithlogits$'
expect 0 info "$pth"
expect_text stdout '^linears.0.weight	100x4x19	float32$'

# Both strands: the mean of the logits of the sequences and of their reverse complements.
awk '/^>/ { print; next } { out = ""; for (i = length($0); i; i--) {
  b = substr($0, i, 1); p = index("ACGTN", b); out = out substr("TGCAN", p, 1) } print out }' \
  <(tr acgtn ACGTN < "$sequences" | awk '/^>/ { if (s) print s; print; s = ""; next } { s = s $0 } END { print s }') > reverse.fa
expect 0 predict named.safetensors reverse.fa --logits --strands one && cp stdout reverse.tsv
expect 0 predict named.safetensors "$sequences" --logits && cp stdout both.tsv
paste <(grep -v '^#' named.tsv) <(grep -v '^#' reverse.tsv) | awk -F'\t' -v OFS='\t' '
  NR == 1 { print $1, $2, $3, $4; next }
  { print $1, ($2 + $6) / 2, ($3 + $7) / 2, ($4 + $8) / 2 }' OFMT=%.9g > mean.tsv
close both.tsv mean.tsv 1e-5

# Options win over the file; converting twice gives the same bytes; OUT is not overwritten.
expect 0 convert "$pth" longer.safetensors --params parameters-train.py.json --input-length 204
expect 0 info longer.safetensors
expect_text stdout '^input_length	204$'
expect 0 convert "$pth" twice.safetensors --params parameters-train.py.json --targets MAX,FOXA1,JUND
cmp named.safetensors twice.safetensors || die 'converted twice, other bytes'
expect 1 convert "$pth" twice.safetensors
expect 0 convert "$pth" twice.safetensors --force
