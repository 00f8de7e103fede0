#!/usr/bin/env bash
# Data and options that make no sense: one error with file and line, what to do, an exit code, and
# nothing half written.
source "$(dirname "$0")/lib.sh"
few=(--num-units 4 --num-epochs 1)
bce=(-o out --criterion bcewithlogits "${few[@]}")

zcat "$samples/tf30_small.tsv.gz" > whole.tsv
awk -F'\t' 'NR == 1 { for (i = 1; i <= NF; i++) { if ($i == "seq") s = i; if ($i == "MAX") m = i; if ($i == "JUND") j = i }
    print "id\tseq\ta\tb"; next }
  $m != "nan" && $j != "nan" { print $1 "\t" $s "\t" $m "\t" $j }' whole.tsv | head -n 101 > good.tsv
expect 0 train good.tsv -o good --criterion bcewithlogits "${few[@]}"

# changed NAME AWK: good.tsv with line 7 changed by AWK (fields $1 id, $2 seq, $3 and $4 labels).
changed() { awk -F'\t' -v OFS='\t' "NR == 7 { $2 } 1" good.tsv > "$1.tsv"; }

# Files.
: > empty.tsv
refuse 1 'empty.tsv' train empty.tsv "${bce[@]}"
head -n 1 good.tsv > header.tsv
refuse 1 'header.tsv' train header.tsv "${bce[@]}"
refuse 1 'missing.tsv' train missing.tsv "${bce[@]}"
mkdir folder
refuse 1 'folder' train folder "${bce[@]}"
refuse 1 'folder' predict good/model.safetensors folder -o out
gzip -c good.tsv | head -c 3000 > cut.tsv.gz
refuse 1 'cut.tsv.gz' train cut.tsv.gz "${bce[@]}"
head -c 20000 "$(command -v bash)" > binary.tsv
refuse 1 'binary.tsv' train binary.tsv "${bce[@]}"
refuse 1 'binary.tsv' predict good/model.safetensors binary.tsv -o out
refuse 1 'binary.tsv' info binary.tsv

# Rows.
changed ragged '$4 = "1\t0"' && refuse 1 'ragged.tsv:7: ' train ragged.tsv "${bce[@]}"
changed short 'NF = 3' && refuse 1 'short.tsv:7: ' train short.tsv "${bce[@]}"
changed letters '$2 = "ACGT!" $2' && refuse 1 'letters.tsv:7: ' train letters.tsv "${bce[@]}"
refuse 1 'letters.tsv:7: ' predict good/model.safetensors letters.tsv -o out
awk 'NR == 7 { sub(/A/, "\001") } 1' good.tsv | tr '\001' '\000' > nul.tsv
refuse 1 'nul.tsv:7: ' train nul.tsv "${bce[@]}"
changed noseq '$2 = ""' && refuse 1 'noseq.tsv:7: ' train noseq.tsv "${bce[@]}"
changed word '$3 = "bound"'
refuse 1 'word.tsv:7: .*bound.*--targets.*--ignore' train word.tsv "${bce[@]}"
changed infinite '$3 = "inf"'
refuse 1 'infinite.tsv:7: ' train infinite.tsv -o out --criterion mse "${few[@]}"
changed two '$3 = 2' && refuse 1 'two.tsv:7: .*bcewithlogits.*\[0, 1\]' train two.tsv "${bce[@]}"
changed minus '$3 = -1'
refuse 1 'minus.tsv:7: .*poissonnll' train minus.tsv -o out --criterion poissonnll "${few[@]}"
changed twice "\$1 = $(sed -n 6p good.tsv | cut -f1)"
refuse 1 'twice.tsv:7: ' train twice.tsv "${bce[@]}"
awk -F'\t' -v OFS='\t' 'NR > 1 { $4 = "nan" } 1' good.tsv > unlabelled.tsv
refuse 1 'b' train unlabelled.tsv "${bce[@]}"
awk -F'\t' -v OFS='\t' 'NR > 1 { $3 = "same" } 1' good.tsv > oneclass.tsv
refuse 1 'class' train oneclass.tsv -o out --criterion crossentropy --targets a "${few[@]}"
head -n 2 good.tsv > single.tsv
refuse 2 'valid|sequence' train single.tsv "${bce[@]}"
printf '>a\nACGT\n>b\nAC?T\n' > bad.fa
refuse 1 'bad.fa:4: ' predict good/model.safetensors bad.fa -o out
printf '@a\nACGT\n+\nIII\n' > bad.fq
refuse 1 'bad.fq:[0-9]+: ' predict good/model.safetensors bad.fq -o out
refuse 1 'label' train "$checkpoint/sequences.fa" "${bce[@]}"

# Columns.
refuse 1 'good.tsv:1: .*aa' train good.tsv --targets aa "${bce[@]}"
refuse 1 'good.tsv:1: .*sequenz' train good.tsv --seq-column sequenz "${bce[@]}"
refuse 1 'good.tsv:1: .*nr' train good.tsv --id-column nr "${bce[@]}"
refuse 1 'good.tsv:1: ' train good.tsv --ignore a,b "${bce[@]}"
refuse 2 'empty name' train good.tsv --targets a,,b "${bce[@]}"

# Sizes: the largest value that does fit is named.
awk -F'\t' -v OFS='\t' 'NR > 1 { $2 = substr($2, 1, 12) } 1' good.tsv > tiny.tsv
refuse 2 'filter-size 19.* is 12$' train tiny.tsv "${bce[@]}"
refuse 2 'pool-size 7.* is 4$' train tiny.tsv --filter-size 9 "${bce[@]}"
for option in --filter-size --pool-size --pool-stride --input-length; do
  for value in 0 -3; do refuse 2 "${option#--}" train good.tsv $option=$value "${bce[@]}"; done
done
for option in --num-units --num-epochs --batch-size; do
  refuse 2 "${option#--}" train good.tsv -o out --criterion bcewithlogits $option=0
  refuse 2 "${option#--}" train good.tsv -o out --criterion bcewithlogits $option=-1
done
refuse 2 'filter-size' train good.tsv --filter-size 1000000000 "${bce[@]}"
refuse 2 'input-length' train good.tsv --input-length 4000000000 "${bce[@]}"
refuse 2 'num-units' train good.tsv -o out --criterion mse --num-units 99999999999
refuse 2 'num-units' train good.tsv -o out --criterion mse --num-units 99999999999999999999999
refuse 2 'num-fc' train good.tsv --num-fc 9 "${bce[@]}"
refuse 2 'patience' train good.tsv --patience=-1 "${bce[@]}"
refuse 2 'checkpoint' train good.tsv --checkpoint=-1 "${bce[@]}"
refuse 2 'batch-size 1' train good.tsv --batch-size 1 "${bce[@]}"
refuse 2 'seed' train good.tsv --seed=-1 "${bce[@]}"
for lr in 0 -1 nan inf; do refuse 2 'lr' train good.tsv --lr=$lr "${bce[@]}"; done
refuse 2 'momentum' train good.tsv --momentum 0.5 "${bce[@]}"
refuse 2 'input-length' train good.tsv --input-length long "${bce[@]}"
refuse 2 'strands' predict good/model.safetensors good.tsv --strands three -o out
refuse 2 'split' eval good/model.safetensors good.tsv --split testing -o out
refuse 2 'percentile-top' interpret good/model.safetensors good.tsv --percentile-top 0 -o out
refuse 2 'correlation' interpret good/model.safetensors good.tsv --correlation 2 -o out

# A learning rate that blows up stops with a hint instead of saving nonsense.
expect 1 train good.tsv -o blown --criterion mse --lr 100000 --optimizer sgd --num-epochs 20 --num-units 4
expect_text stderr '^explainn: .*(epoch|batch).*lr'

# Places that cannot be written.
refuse 1 'good.tsv' predict good/model.safetensors good.tsv -o good.tsv/out
refuse 1 '/dev/full' predict good/model.safetensors good.tsv -o /dev/full
"$explainn" predict good/model.safetensors good.tsv > /dev/full 2> stderr && die 'a full stdout went well'
tail -n 1 stderr | grep -q '^explainn: ' || die "full stdout: $(cat stderr)"
refuse 1 'good.tsv' train good.tsv -o good.tsv/out --criterion mse "${few[@]}"
refuse 1 'good.tsv' train good.tsv -o good.tsv --criterion mse "${few[@]}"
refuse 1 'proc' train good.tsv -o /proc/explainn --criterion mse "${few[@]}"
refuse 1 'folder' predict good/model.safetensors good.tsv -o folder

printf 'not json' > run.json
refuse 1 'run.json' train --config run.json
refuse 1 'train.*not of interpret' interpret --config good/run.json
refuse 1 'missing.json' train --config missing.json
echo "$refused refusals"
