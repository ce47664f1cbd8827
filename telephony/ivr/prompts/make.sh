#!/usr/bin/env bash
# Makes the box's own prompts from telephony/prompts.tsv: speech by espeak-ng, sounds by ../sounds.go, all of it A-law at 8 kHz.
# Run it by hand after a change of the table and commit what it makes: the product is built without it.
# Needs espeak-ng and sox. Usage: make.sh [ID...]   (without an ID: everything)
set -euo pipefail
cd "$(dirname "$0")"
work=$(mktemp -d)
trap 'rm -r "$work"' EXIT

speak() { # voice, words a minute, text, file
  espeak-ng -v "$1" -s "$2" -w "$work/raw.wav" "$3"
  # The telephone band, silence off both ends, and one loudness for all: 23 dB below full scale on average, -17 dBm0.
  sox -R "$work/raw.wav" -r 8000 "$work/band.wav" gain -6 highpass 200 lowpass 3400 \
    silence 1 0.01 0.1% reverse silence 1 0.01 0.1% reverse pad 0.02 0.04
  rms=$(sox "$work/band.wav" -n stats 2>&1 | awk '/^RMS lev dB/ { print $4 }')
  sox -R "$work/band.wav" -t raw -e a-law -b 8 -c 1 "$4" gain -l "$(awk "BEGIN { print -23 - ($rms) }")"
}

grep -v '^#' ../../prompts.tsv | tr '\t' '|' | while IFS='|' read -r id zh en; do
  [ $# -eq 0 ] || [[ " $* " == *" $id "* ]] || continue
  case $zh in ♪*) continue ;; esac
  if [ -n "$zh" ]; then speak cmn 165 "$zh" "zh/$id.al"; fi
  if [ -n "$en" ]; then speak en-us 155 "$en" "en/$id.al"; fi
done
go run ../sounds.go
