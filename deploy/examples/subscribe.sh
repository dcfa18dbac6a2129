#!/bin/sh
# Follows the alert topic with kcat and jq (apt install kcat jq): one line an alert.
#   ./subscribe.sh [BROKERS] [TOPIC] [further options of kcat, such as -e to end at the end]
set -eu
brokers=${1:-127.0.0.1:9092}
topic=${2:-detente.alerts}
[ $# -gt 0 ] && shift
[ $# -gt 0 ] && shift
exec kcat -b "$brokers" -t "$topic" -C -o beginning -q -u "$@" |
  jq --raw-output --unbuffered '[.severity, .kind, .watch, .headline, .evidence.text, .url // ""] | @tsv'
