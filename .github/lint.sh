#!/usr/bin/env bash
# What the action does between building keyreeve and uploading its SARIF: lint, annotate, write the step summary, and hand the exit
# code on, so that a failing gate does not keep the result from code scanning. Inputs come through the environment only.
set -euo pipefail

out=$RUNNER_TEMP/keyreeve-out
mkdir -p "$out"
export PATH="$RUNNER_TEMP:$PATH"

args=(lint --fail-on "$INPUT_FAIL_ON" -o github -o "sarif=$out/keyreeve.sarif" -o "json=$out/keyreeve.json" --sarif-category "$INPUT_SARIF_CATEGORY")
case "$INPUT_STRICT" in
true) args+=(--strict) ;;
false) ;;
*) echo "::error::strict is \"true\" or \"false\"" && exit 2 ;;
esac
if [ -n "$INPUT_BASE" ]; then
	args+=(--base "$INPUT_BASE")
fi

code=0
keyreeve "${args[@]}" -- "$INPUT_PATH" || code=$?
echo "code=$code" >>"$GITHUB_OUTPUT"
if [ ! -f "$out/keyreeve.json" ]; then
	exit "$code" # nothing was judged, and keyreeve has said why
fi
{
	echo "sarif=$out/keyreeve.sarif"
	echo "json=$out/keyreeve.json"
} >>"$GITHUB_OUTPUT"
{
	echo '### keyreeve'
	echo '````````text'
	keyreeve report "$out/keyreeve.json" --color never
	echo '````````'
} >>"$GITHUB_STEP_SUMMARY"
