#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
# Everything that needs a GPU, in one go: builds without Qt on a machine with nvcc and cmake, runs the tests of the CUDA
# backend, compute-sanitizer over them with small shapes, the perplexity of models against the processor's, and the
# benchmarks; writes tables with date, GPU, driver and toolkit.
#
#   bash tests/gpu/run.sh [--build DIR] [--results DIR] [--only STEP,…] [--text FILE --model DIR …]
#
# --build    where to build, or where it is built already (build/gpu)
# --results  where tables and logs go (tests/bench/results)
# --only     of build, tests, sanitizer, perplexity, bench (all of them)
# --text, --model   a text, and models (16-bit or packed) whose perplexity on it must be the processor's within 0.1 %
# --windows  of 2048 tokens, for the perplexities (0: the whole text)
# --cmake    one more argument for cmake, may be repeated
#
# SALIENT_SANITIZER_FILTER: which tests go through compute-sanitizer, as --gtest_filter takes it (all of them);
# SALIENT_SANITIZER_LIMIT: seconds for each of its tools (3600); SALIENT_SANITIZER_PARTS: into how many parts that run
# side by side the tests are dealt under each tool (1); SALIENT_SANITIZER_TOOLS: which of memcheck, racecheck, initcheck
# and synccheck (all of them)
set -uo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
build=$root/build/gpu
results=$root/tests/bench/results
steps=build,tests,sanitizer,perplexity,bench
text=""
windows=0
models=()
cmake_arguments=()
failed=0

while [ $# -gt 0 ]; do
  case "$1" in
    --build) build=$2 ;;
    --results) results=$2 ;;
    --only) steps=$2 ;;
    --text) text=$2 ;;
    --model) models+=("$2") ;;
    --windows) windows=$2 ;;
    --cmake) cmake_arguments+=("$2") ;;
    *)
      sed -n '7,20s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
      exit 2
      ;;
  esac
  shift 2
done

wanted() { [[ ",$steps," == *",$1,"* ]]; }
say() { printf '\n== %s (%s)\n' "$*" "$(date +%T)"; }
fail() {
  printf 'FAILED: %s\n' "$*" | tee -a "$table"
  failed=1
}
# A number of a JSON result: number KEY FILE
number() { grep -oE "\"$1\":-?[0-9.eE+-]+" "$2" | head -n 1 | cut -d: -f2; }

gpu=$(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null | head -n 1)
[ -n "$gpu" ] || {
  echo "no NVIDIA GPU or no driver: nothing to run" >&2
  exit 1
}
driver=$(nvidia-smi --query-gpu=driver_version --format=csv,noheader | head -n 1)
capability=$(nvidia-smi --query-gpu=compute_cap --format=csv,noheader | head -n 1 | tr -d .)
toolkit=$(nvcc --version | sed -n 's/.*release \([0-9.]*\),.*/\1/p')
architecture=$capability
[ "$capability" = 90 ] && architecture=90a
build=$(realpath -m "$build")
mkdir -p "$results"
results=$(cd "$results" && pwd)
slug=$(date +%F)-$(echo "$gpu" | tr -cs 'A-Za-z0-9' '-' | sed 's/-$//')
table=$results/$slug.md
{
  echo "<!-- SPDX-License-Identifier: Apache-2.0 -->"
  echo "# $gpu, $(date +%F)"
  echo
  echo "Driver $driver, CUDA $toolkit, $(nproc) cores, by tests/gpu/run.sh."
} >"$table"

if wanted build; then
  say "Building for sm_$architecture"
  cmake -S "$root" -B "$build" -DCMAKE_BUILD_TYPE=Release -DSALIENT_STUDIO=OFF -DSALIENT_CUDA=ON \
    -DSALIENT_CUDA_ARCHITECTURES="$architecture" "${cmake_arguments[@]}" || exit 1
  cmake --build "$build" --parallel "$(nproc)" --target salient test_gpu racecheck_pipeline || exit 1
fi
salient=$build/bin/salient
test_gpu=$build/tests/gpu/test_gpu
pipeline=$build/tests/gpu/racecheck_pipeline

if wanted tests; then
  say "Tests"
  printf '\n## Tests\n\n' >>"$table"
  "$test_gpu" >"$results/$slug-tests.log" 2>&1 || fail "tests, see $slug-tests.log"
  grep -E '^\[ +(PASSED|FAILED|SKIPPED) +\]' "$results/$slug-tests.log" | tail -n 40
  grep -E '^\[ +(PASSED|FAILED) +\] [0-9]+ test' "$results/$slug-tests.log" | sed 's/^/    /' >>"$table"
fi

# Kernels whose threads wait at barriers in shared memory, or arrive at numbered ones without waiting. racecheck reports
# them where they are right as where they are wrong, as the forms of racecheck/pipeline.cu show.
unfollowed='(warpgroup|resident|int8|layers_step)_kernel'
reported='Race reported between|Program hit|Internal Sanitizer Error'
limit=${SALIENT_SANITIZER_LIMIT:-3600}
parts=${SALIENT_SANITIZER_PARTS:-1}
# All tests with small shapes under one of compute-sanitizer's tools.
sanitize() {
  local tool=$1 log=$results/$slug-$1.log filter=${SALIENT_SANITIZER_FILTER:-*} i
  # initcheck does not see what cuBLAS's own 16-bit kernels write on Hopper (a product of nothing but cuBLAS calls, read
  # by a kernel of two lines, is reported in each element), so it says nothing about 16-bit products in the fast mode.
  if [ "$tool" = initcheck ]; then
    [[ "$filter" == *-* ]] && filter+=: || filter+=-
    filter+="BatchDecoding.FastMode*:Steps.NormAndLinears"
  fi
  for ((i = 0; i < parts; ++i)); do
    {
      SALIENT_GPU_SMALL=1 GTEST_TOTAL_SHARDS=$parts GTEST_SHARD_INDEX=$i timeout "$limit" compute-sanitizer \
        --tool "$tool" --error-exitcode 9 "$test_gpu" --gtest_filter="$filter" >"$log.part$i" 2>&1
      echo $? >"$log.status$i"
    } &
  done
  wait
}

if wanted sanitizer; then
  printf '\n## compute-sanitizer\n\n' >>"$table"
  read -ra tools <<<"${SALIENT_SANITIZER_TOOLS:-memcheck racecheck initcheck synccheck}"
  say "compute-sanitizer, side by side: ${tools[*]}"
  for tool in "${tools[@]}"; do
    sanitize "$tool" &
  done
  wait
  for tool in "${tools[@]}"; do
    log=$results/$slug-$tool.log
    cat "$log".part* >"$log"
    status=$(sort -n "$log".status* | tail -n 1)
    rm "$log".part* "$log".status*
    ended=$(grep -c '^\[       OK' "$log")
    if [ "$tool" = racecheck ]; then
      reports=$(grep -cE "$reported" "$log")
      found=$(grep -E "$reported" "$log" | grep -vcE "$unfollowed")
      line="$found hazards, and $((reports - found)) in kernels whose barriers it does not follow (below)"
      # It ends with 9 for either.
      [ "$status" = 9 ] && [ "$found" = 0 ] && ! grep -q '^\[  FAILED' "$log" && status=0
    else
      line="$(grep -oE 'ERROR SUMMARY: [0-9]+' "$log" | awk '{ n += $NF } END { print n + 0 }') errors"
    fi
    echo "- $tool: $ended tests passed, $line" | tee -a "$table"
    case $status in
      0) ;;
      124) fail "$tool did not end within $limit s, see $slug-$tool.log" ;;
      *) fail "$tool, see $slug-$tool.log" ;;
    esac
  done
  # What racecheck's word is worth: a pipeline in forms that are known to be right or wrong.
  if [ "$capability" -ge 90 ]; then
    printf '\n| form of racecheck/pipeline.cu | racecheck |\n| --- | --- |\n' >>"$table"
    for form in plain plain-race bulk bulk-fence bulk-one bulk-race meet meet-later meet-race; do
      log=$results/$slug-racecheck-$form.log
      "$pipeline" "$form" >"$log" || fail "racecheck_pipeline $form"
      compute-sanitizer --tool racecheck "$pipeline" "$form" >>"$log" 2>&1
      echo "| $form | $(grep 'RACECHECK SUMMARY' "$log" | tail -n 1 | sed 's/^=* *RACECHECK SUMMARY: *//') |" | tee -a "$table"
    done
  fi
fi

if wanted perplexity && [ -n "$text" ]; then
  say "Perplexity"
  printf '\n## Perplexity on %s, windows of 2048\n\n| model | cpu | cuda:0 | difference | tokens/s on cuda:0 |\n| --- | --- | --- | --- | --- |\n' \
    "$(basename "$text")" >>"$table"
  for model in "${models[@]}"; do
    name=$(basename "$model")
    for device in cpu cuda:0; do
      "$salient" evaluate "$model" --text "$text" --windows "$windows" --device "$device" --json --progress none \
        >"$results/$slug-$name-${device%%:*}.json" || fail "evaluate $name on $device"
    done
    on_cpu=$(number perplexity "$results/$slug-$name-cpu.json")
    on_gpu=$(number perplexity "$results/$slug-$name-cuda.json")
    rate=$(number tokens_per_second "$results/$slug-$name-cuda.json")
    row=$(awk -v name="$name" -v a="${on_cpu:-nan}" -v b="${on_gpu:-nan}" -v rate="${rate:-0}" 'BEGIN {
      d = 100 * (b / a - 1)
      printf "| %s | %.4f | %.4f | %+.4f %% | %.0f |", name, a, b, d, rate
      exit !(d < 0.1 && d > -0.1) }')
    [ $? -eq 0 ] || fail "$name: the perplexities differ by more than 0.1 %"
    echo "$row" | tee -a "$table"
  done
  printf '\n## Perplexity of the packed ones in each mode of scales, on cuda:0\n\n| model | exact | folded | folded-token |\n| --- | --- | --- | --- |\n' \
    >>"$table"
  for model in "${models[@]}"; do
    grep -q '"mixllm"' "$model/config.json" || continue
    name=$(basename "$model")
    row="| $name | $(number perplexity "$results/$slug-$name-cuda.json") |"
    for scales in folded folded-token; do
      log=$results/$slug-$name-$scales.json
      "$salient" evaluate "$model" --text "$text" --windows "$windows" --device cuda:0 --scales "$scales" --json \
        --progress none >"$log" || fail "evaluate $name, scales $scales"
      row+=" $(number perplexity "$log") |"
    done
    echo "$row" | tee -a "$table"
  done
fi

# Llama 3.1 8B's shapes; the second argument is the number of layers.
write_shapes() {
  mkdir -p "$1"
  cat >"$1/config.json" <<JSON
{"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336,
 "num_hidden_layers": $2, "num_attention_heads": 32, "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 128256,
 "max_position_embeddings": 131072, "rms_norm_eps": 1e-5, "rope_theta": 500000.0, "hidden_act": "silu",
 "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                  "original_max_position_embeddings": 8192},
 "tie_word_embeddings": false, "torch_dtype": "bfloat16", "bos_token_id": 128000, "eos_token_id": 128001}
JSON
}
# Llama 3.1 70B's.
write_large_shapes() {
  write_shapes "$1" 80
  sed -i 's/"hidden_size": 4096/"hidden_size": 8192/; s/"intermediate_size": 14336/"intermediate_size": 28672/
          s/"num_attention_heads": 32/"num_attention_heads": 64/' "$1/config.json"
}
# bench TITLE ARGUMENT…, on $device
device=cuda:0
bench() {
  local title=$1
  shift
  say "$title"
  printf '\n## %s\n\n`salient bench %s --device %s`\n\n```\n' "$title" "$*" "$device" >>"$table"
  "$salient" bench "$@" --device "$device" --progress none 2>&1 | tee -a "$table"
  [ "${PIPESTATUS[0]}" -eq 0 ] || fail "$title"
  printf '```\n' >>"$table"
}

if wanted bench; then
  shapes=$(mktemp -d)
  trap 'rm -rf "$shapes"' EXIT
  write_shapes "$shapes/8b" 32
  write_shapes "$shapes/two-layers" 2
  cd "$shapes" || exit 1
  bench "One linear layer" gemm
  for batch in 1 32; do
    bench "Decoding, Llama 3.1 8B shapes, context 1024, batch $batch" decode 8b --random --prompt-tokens 1024 \
      --new-tokens 64 --batch "$batch" --precision fast
  done
  for scales in exact folded folded-token; do
    bench "Prefill, Llama 3.1 8B shapes, scales $scales" prefill 8b --random --prompt-tokens 2048 --precision fast \
      --scales "$scales"
  done
  bench "Search, Llama 3.1 8B shapes" search 8b --random --samples 4 --length 2048 --precision fast
  bench "Search within 20 GiB" search 8b --random --samples 2 --length 2048 --precision fast --gpu-memory 20GiB
  bench "Search and GPTQ of two layers (times 16 for all 32)" search two-layers --random --quantize --samples 128 \
    --length 2048 --precision fast
  write_large_shapes "$shapes/70b"
  bench "Search, 70B shapes" search 70b --random --layers 4 --samples 8 --length 2048 --precision fast
  if [ "$(nvidia-smi --list-gpus | wc -l)" -gt 1 ]; then
    device=cuda:0,1
    bench "Search, 70B shapes, on two GPUs" search 70b --random --layers 4 --samples 8 --length 2048 --precision fast
  fi
fi

say "Written: $table"
exit "$failed"
