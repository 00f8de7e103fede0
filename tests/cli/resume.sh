#!/usr/bin/env bash
# Killed at any moment and resumed, training ends with the bytes of an undisturbed run; signals end it
# politely.
source "$(dirname "$0")/lib.sh"
options=("$samples/tf30_small.tsv.gz" --criterion bcewithlogits --rev-complement --num-units 10
  --num-epochs 12 --threads 1 --quiet)

begun=$(date +%s%N)
expect 0 train "${options[@]}" -o whole
millis=$((($(date +%s%N) - begun) / 1000000))

# start FOLDER: trains in the background, as $pid.
start() {
  "$explainn" train "${options[@]}" -o "$1" --resume > /dev/null 2> stderr &
  pid=$!
}
# pause MILLISECONDS
pause() { sleep "$(awk -v m="$1" 'BEGIN { printf "%.3f", m / 1000 }')"; }

# finish FOLDER: trains to the end and compares.
finish() {
  expect 0 train "${options[@]}" -o "$1" --resume
  for name in model.safetensors losses.tsv; do
    cmp whole/$name "$1/$name" || die "$name differs after kills"
  done
}

killed=0
folders=1
RANDOM=1714
for ((attempt = 0; killed < 20; attempt++)); do
  [ $attempt -lt 80 ] || die "only $killed of $attempt kills hit a running program"
  start killed$folders
  pause $((RANDOM % (millis / 2 + 1)))
  kill -KILL $pid 2> /dev/null
  code=0
  wait $pid 2> /dev/null || code=$?
  for file in killed$folders/*.tsv killed$folders/run.json; do
    [ ! -e "$file" ] || [ -s "$file" ] || die "$file is empty after a kill"
  done
  if [ $code -eq 137 ]; then
    killed=$((killed + 1))
  else
    [ $code -eq 0 ] || die "resuming gave exit code $code: $(cat stderr)"
    finish killed$folders
    folders=$((folders + 1))
  fi
done
finish killed$folders
echo "$killed kills in $folders runs, the same bytes"

# Signals: the state is written, the exit code says why, and nothing of the result changes.
for signal in TERM:143 INT:130 USR1:0; do
  folder=stopped-${signal%:*}
  start $folder
  for ((i = 0; i < 400; i++)); do [ -e $folder/losses.tsv ] && break || pause 20; done
  kill -"${signal%:*}" $pid 2> /dev/null
  wait $pid
  code=$?
  [ $code -eq "${signal#*:}" ] || die "SIG${signal%:*} gave exit code $code: $(cat stderr)"
  [ -s $folder/checkpoint/state.safetensors ] || die 'no state was written'
  grep -q '"outcome": "stopped by a signal"' $folder/run.json || die "run.json: $(grep outcome $folder/run.json)"
  expect 0 train "${options[@]}" -o $folder --resume
  cmp whole/model.safetensors $folder/model.safetensors || die "another model after SIG${signal%:*}"
  cmp whole/losses.tsv $folder/losses.tsv || die "other losses after SIG${signal%:*}"
done

# A finished run is finished; more epochs go on; other options or data are refused.
expect 0 train "${options[@]}" -o whole --resume
expect 0 train "${options[@]}" -o whole --resume --threads 2
code=0
"$explainn" train "${options[@]}" -o whole --resume --lr 0.01 2> stderr || code=$?
[ $code -ne 0 ] || die 'another learning rate was taken on resume'
expect_text stderr 'lr'
zcat "$samples/tf30_small.tsv.gz" | head -n 590 > fewer.tsv
code=0
"$explainn" train fewer.tsv "${options[@]:1}" -o whole --resume 2> stderr || code=$?
[ $code -ne 0 ] || die 'other data were taken on resume'
expect_text stderr 'data'
expect 1 train "${options[@]}" -o whole
expect_text stderr '--resume.*--force'

# Two epochs first and ten more afterwards are twelve.
short=("${options[@]}")
for ((i = 0; i < ${#short[@]}; i++)); do [ "${short[i]}" = 12 ] && short[i]=2; done
expect 0 train "${short[@]}" -o more
expect 0 train "${options[@]}" -o more --resume
cmp whole/model.safetensors more/model.safetensors || die 'more epochs on resume give another model'
