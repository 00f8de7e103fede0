#!/usr/bin/env bash
# Help with live defaults, nearest names, exit codes, completion scripts that a shell reads.
source "$(dirname "$0")/lib.sh"

commands=(train eval predict interpret tomtom scan motifs logo report info convert completion)
expect 0 --version
expect_text stdout '^explainn [0-9]+\.[0-9]+\.[0-9]+ \(.+\)$'
expect 0 --help
for command in "${commands[@]}"; do
  expect_text stdout "^  $command "
done
expect 2
expect_text stderr 'Usage: explainn'

for command in "${commands[@]}"; do
  expect 0 "$command" --help
  expect_text stdout "^Example: .*explainn $command"
  cp stdout long
  expect 0 "$command" -h
  cmp stdout long || die "-h and --help of $command differ"
done

expect 0 train --help
for default in num-units=100 filter-size=19 num-fc=2 pool-size=7 pool-stride=7 input-length=auto \
  lr=0.003 optimizer=adam batch-size=100 num-epochs=100 patience=10 checkpoint=0 seed=1714 \
  device=auto; do
  expect_text stdout "--${default%=*} [A-Z]+=${default#*=} "
done
OMP_NUM_THREADS=3,2 "$explainn" train --help | grep -q 'Threads \[3 here' || die 'OMP_NUM_THREADS'
SLURM_CPUS_PER_TASK=5 "$explainn" train --help | grep -q 'Threads \[5 here' || die 'Slurm'

refuse 2 'trian.*did you mean train\?' trian
refuse 2 'unknown sub-command xyzzyplugh; see' xyzzyplugh
refuse 2 '--num-epoch; did you mean --num-epochs\?' train --num-epoch 3
refuse 2 '--strand; did you mean --strands\?' predict a b --strand=one
refuse 2 '--all-importance; did you mean' interpret a b -o out --all-importance
refuse 2 'MODEL is required' eval
refuse 2 'num-units' train a -o out --criterion mse --num-units many
refuse 2 'criterion is required' train a -o out
refuse 2 'bcewithlogits' train a -o out --criterion bcewithlogit
refuse 2 'deepcnn.*There is explainn' train a -o out --criterion mse --model deepcnn
refuse 2 'adam, sgd' train a -o out --criterion mse --optimizer adamw
refuse 2 'not expected.*third' train first second third -o out --criterion mse
refuse 2 'excludes' predict a b --logits --unit-outputs
refuse 2 'no completion for tcsh' completion tcsh
refuse 2 'did you mean cuda\?.*auto, cpu' predict a b --device gpu
refuse 2 'did you mean cuda\?' eval a b --device cudda
refuse 2 'auto, cpu' interpret a b -o out --device cuda:x
refuse 2 'auto, cpu' interpret a b -o out --device cuda:-1
refuse 2 'auto, cpu' train a -o out --criterion mse --device xyzzyplugh
refuse 2 '--device cuda:4711: .*(use --device cpu|no such GPU)' predict a b --device cuda:4711
if ! "$explainn" info | grep -q '^cuda:0'; then
  for command in 'train a -o out --criterion mse' 'eval a b' 'predict a b' 'interpret a b -o out'; do
    # shellcheck disable=SC2086
    refuse 2 '--device cuda: (this build|there is no usable GPU).*use --device cpu' $command --device cuda
  done
  expect 1 predict a b
  expect_text stderr 'computing on the CPU$'
  expect 1 predict a b --quiet
  grep -q 'computing on the CPU' stderr && die 'quiet, but auto speaks'
fi
refuse 2 'threads' predict a b --threads 0

expect 0 completion bash
bash -n stdout || die 'the bash completion is no bash'
cat > complete.sh << 'SHELL'
source ./stdout
COMP_WORDS=(explainn train --num) COMP_CWORD=2
_explainn
printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
COMP_WORDS=(explainn in) COMP_CWORD=1
_explainn
printf '%s\n' "${COMPREPLY[@]}" | sort | tr '\n' ' '
SHELL
[ "$(bash complete.sh)" = '--num-epochs --num-fc --num-units info interpret ' ] ||
  die "completion gave $(bash complete.sh)"
expect 0 completion zsh
expect_text stdout '^#compdef explainn'
if command -v zsh > /dev/null; then zsh -n stdout || die 'the zsh completion is no zsh'; fi
echo "$refused refusals, ${#commands[@]} sub-commands"
