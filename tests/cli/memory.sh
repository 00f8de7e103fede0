#!/usr/bin/env bash
# Peak memory of predict does not grow with the number of sequences, that of train and interpret only
# by the sequences' own bytes.
source "$(dirname "$0")/lib.sh"

# repeat COPIES: the sample so many times, with ids of their own.
repeat() {
  for ((i = 0; i < $1; i++)); do
    zcat "$samples/tf30_small.tsv.gz" | awk -v copy="$i" 'NR > 1 || copy == 0 { print (NR > 1 ? copy "-" : "") $0 }'
  done
}
repeat 20 > small.tsv
repeat 50 > large.tsv
grown=$((($(stat -c %s large.tsv) - $(stat -c %s small.tsv)) / 1024))

# peak ARGUMENTS..: KiB.
peak() {
  expect 0 "$@"
  sed -n 's/.*peak memory \([0-9.]*\) MiB.*/\1/p' stderr | awk 'END { print int($1 * 1024) }'
}

train=(--criterion bcewithlogits --num-units 8 --num-epochs 1 --threads 2)
small=$(peak train small.tsv -o small "${train[@]}")
large=$(peak train large.tsv -o large "${train[@]}")
echo "train: $small and $large KiB for $grown KiB more data"
[ $((large - small)) -le $((grown * 13 / 10 + 4096)) ] || die 'train takes more than its sequences'

small=$(peak predict small/model.safetensors small.tsv -o small/p.tsv --threads 2)
large=$(peak predict small/model.safetensors large.tsv -o large/p.tsv --threads 2)
echo "predict: $small and $large KiB"
[ $((large - small)) -le 3072 ] || die 'predict takes more memory for more sequences'

printf '>one\n10 0 0 0 5 0 0\n0 9 0 1 0 9 0\n0 1 10 0 0 1 5\n0 0 0 9 5 0 5\n' > motifs.jaspar
small=$(peak scan motifs.jaspar small.tsv -o small/hits.tsv --threads 2 --pvalue 0.01)
large=$(peak scan motifs.jaspar large.tsv -o large/hits.tsv --threads 2 --pvalue 0.01)
echo "scan: $small and $large KiB"
[ $((large - small)) -le 3072 ] || die 'scan takes more memory for more sequences'

rule=(--threads 2)
small=$(peak interpret small/model.safetensors small.tsv -o small/i "${rule[@]}")
large=$(peak interpret small/model.safetensors large.tsv -o large/i "${rule[@]}")
echo "interpret: $small and $large KiB for $grown KiB more data"
[ $((large - small)) -le $((grown * 13 / 10 + 4096)) ] || die 'interpret takes more than its sequences'
