#!/bin/sh
# models.sh: makes the models that ours and transformers.js both run (bench and test:models), in .cache/bench (or $TILTLAB_BENCH_MODELS)
#
#   bench/models.sh REAL_WEIGHTS_PY PYTHON_OPTIMUM PYTHON_GENAI
#
# REAL_WEIGHTS_PY writes a model folder as on the Hub from real weights; PYTHON_OPTIMUM has optimum-onnx 0.1.0 and
# transformers 4, PYTHON_GENAI has onnxruntime-genai 0.18.0 and transformers 5. A folder is named MODEL-LAYOUT.
# Downloads 570 MB, takes about fifteen minutes and 3 GB.
set -eu
make=$1 optimum=$2 genai=$3
out=${TILTLAB_BENCH_MODELS:-$(dirname "$0")/../.cache/bench}
export REAL_WEIGHTS_CACHE="${REAL_WEIGHTS_CACHE:-$out/wheels}"

"$optimum" "$make" smollm2-135m --dtypes q4 --out "$out/smollm2-optimum"
"$genai" "$make" smollm2-135m --layout genai --dtypes q4 --out "$out/smollm2-genai"
"$genai" "$make" qwen2.5-coder-0.5b --layout genai --dtypes q4 --out "$out/qwen2.5-0.5b-genai"
"$optimum" "$make" qwen2.5-coder-0.5b --dtypes q4 --out "$out/qwen2.5-0.5b-optimum"
# Qwen3-0.6B's exact shape.
"$genai" "$make" --random qwen3 --layout genai --seed 1 --hidden 1024 --layers 28 --heads 16 --kv-heads 8 --head-dim 128 \
  --ff 3072 --vocab 151936 --tie --max-pos 2048 --dtypes q4 --out "$out/qwen3-0.6b-random-genai"
