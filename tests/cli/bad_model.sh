#!/usr/bin/env bash
# Model files that are damaged, hostile or do not fit the data.
source "$(dirname "$0")/lib.sh"
export LC_ALL=C

awk 'BEGIN { srand(3); print "seq\tset\tx\ty"; for (i = 0; i < 60; i++) { s = ""
  for (j = 0; j < 40; j++) s = s substr("ACGT", int(rand() * 4) + 1, 1)
  print s "\t" (i % 3 ? "train" : "valid") "\t" i % 2 "\t" (i + 1) % 2 } }' > data.tsv
expect 0 train data.tsv -o good --criterion bcewithlogits --num-units 3 --num-epochs 1
model=good/model.safetensors
cut -f1,2,3 data.tsv | sed '1s/x/z/' > other.tsv
refuse 1 'other.tsv:1: .*x' eval $model other.tsv -o out
refuse 1 'other.tsv:1: .*x' interpret $model other.tsv -o out
cut -f1,3 data.tsv | tail -n +2 > bare.tsv
refuse 1 'bare.tsv:1: ' eval $model bare.tsv -o out

# patched NAME OFFSET BYTES: a copy of the model with some bytes replaced (printf escapes).
patched() {
  cp $model "$1"
  printf "$3" | dd of="$1" bs=1 seek="$2" conv=notrunc status=none
}
patched huge.safetensors 0 '\377\377\377\377\377\377\377\177'
patched long.safetensors 0 '\000\000\020\000\000\000\000\000'
patched zero.safetensors 0 '\000\000\000\000\000\000\000\000'
size=$(stat -c %s $model)
patched nan.safetensors $((size - 4)) '\000\000\300\177'
for bytes in 0 4 8 100 $((size / 2)) $((size - 1)); do head -c $bytes $model > cut$bytes.safetensors; done
cat $model <(echo more) > more.safetensors
sed 's/linears.0.weight/linears.9.weight/' $model > renamed.safetensors
sed 's/"filter_size":19/"filter_size":18/; s/\\"filter_size\\":19/\\"filter_size\\":18/' $model > resized.safetensors
sed 's/filter_size/filter_sise/' $model > field.safetensors
head -c 5000 "$(command -v bash)" > binary.safetensors
echo 'a text' > text.safetensors
mkdir folder.safetensors
cmp -s $model resized.safetensors && die 'nothing was resized'
for damaged in *.safetensors missing.safetensors; do
  refuse 1 "$damaged" predict $damaged data.tsv -o out
done
refuse 1 'nan.safetensors.*final' eval nan.safetensors data.tsv -o out
refuse 1 'cut100.safetensors' info cut100.safetensors

# Checkpoints: other globals, cut off, compressed, not a checkpoint at all, and used as a model.
pth=$checkpoint/explainn_3tf.pth
sed 's/_rebuild_tensor_v2/_rebuild_tensor_v9/' "$pth" > global.pth
sed 's/OrderedDict/os.systemXX/' "$pth" > system.pth
head -c 20000 "$pth" > cut.pth
head -c -30 "$pth" > tail.pth
for hostile in global system cut tail; do
  cmp -s $hostile.pth "$pth" && die "$hostile.pth is not changed"
  refuse 1 "$hostile.pth" convert $hostile.pth out
done
refuse 1 'text.safetensors' convert text.safetensors out
refuse 1 'explainn convert' predict "$pth" data.tsv -o out
refuse 2 'input-length' convert "$pth" out --input-length 40
refuse 2 'target' convert "$pth" out --targets a,b
refuse 2 'bcewithlogit' convert "$pth" out --criterion bcewithlogit
echo '[1]' > params.json
refuse 1 'params.json' convert "$pth" out --params params.json
echo '{"input_length": "long"}' > params.json
refuse 1 'params.json.*inputlength' convert "$pth" out --params params.json

# Mistakes of order and of names.
expect 0 convert "$pth" converted.safetensors
refuse 1 'already' convert converted.safetensors out
refuse 2 'model comes first' predict data.tsv converted.safetensors -o out
refuse 2 'plain text' predict converted.safetensors data.tsv --logits -o out.gz
echo "$refused refusals"
