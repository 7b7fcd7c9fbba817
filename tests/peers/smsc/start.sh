#!/bin/bash
# Starts an SMS centre of node-smpp: the npm package smpp, in SMSC_NODE_MODULES. smsc.js tells the variables.
here=$(cd "$(dirname "$0")" && pwd)
PEER=smsc
WORK=${SMSC_WORK:-${TMPDIR:-/tmp}/peer-smsc}
. "$here/../lib.sh"
maybe_stop "${1:-up}"

need node nodejs
export NODE_PATH=${SMSC_NODE_MODULES:-}${NODE_PATH:+:$NODE_PATH}
if ! (cd "$here" && node -e 'require("smpp")') 2>/dev/null; then
    echo "smsc: the npm package 'smpp' was not found. Run: npm install --prefix DIR smpp@0.5" >&2
    echo "smsc: then set SMSC_NODE_MODULES=DIR/node_modules" >&2
    exit 69
fi
: "${SMSC_HOST:=127.0.0.1}" "${SMSC_PORT:=2775}"
export SMSC_HOST SMSC_PORT
begin
export SMSC_LOG=$WORK/messages.jsonl
: > "$SMSC_LOG"
spawn smsc node "$here/smsc.js"
wait_until 10 "SMPP port $SMSC_PORT" tcp_open "$SMSC_HOST" "$SMSC_PORT"
echo "SMSC_ADDR=$SMSC_HOST:$SMSC_PORT"
echo "SMSC_MESSAGES=$SMSC_LOG"
finish "${1:-up}"
