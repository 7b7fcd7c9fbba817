#!/bin/sh
# Proves the oracle against itself, openssl, xmlsec1, libwbxml, tshark and real samples.
# Usage: selftest.sh [CORPUS_DIR]   (no folder: no real samples; vectors: COUNT=400 SEED=1)
set -eu
corpus=${1:+$(cd "$1" && pwd)}
here=$(cd "$(dirname "$0")" && pwd)
cd "$here"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
for tool in python3 openssl xmlsec1; do
    command -v "$tool" >/dev/null || { echo "missing: $tool"; exit 69; }
done
oracle="python3 $here/oracle.py"

echo "== unit tests: crypto, WBXML, xmlsec1, libwbxml, tshark"
python3 -m unittest -q

echo "== vectors, run again from their files"
$oracle vectors "$work/v" --seed "${SEED:-1}" --count "${COUNT:-400}"
$oracle check "$work/v"
$oracle vectors "$work/w" --seed "${SEED:-1}" --count 40 >/dev/null
$oracle vectors "$work/x" --seed "${SEED:-1}" --count 40 >/dev/null
diff -r "$work/w" "$work/x" && echo "the same seed gives the same octets"

echo "== commands"
unsigned="$work/unsigned.xml"
cat >"$unsigned" <<'XML'
<SyncML xmlns="SYNCML:SYNCML1.2"><SyncHdr><VerDTD>1.2</VerDTD><VerProto>DM/1.2</VerProto><SessionID>1</SessionID><MsgID>1</MsgID><Target><LocURI>IMEI:1</LocURI></Target><Source><LocURI>srv.example</LocURI></Source></SyncHdr><SyncBody><Replace><CmdID>1</CmdID><Item><Target><LocURI>./A/B</LocURI></Target><Meta><Format xmlns="syncml:metinf">chr</Format></Meta><Data>geheim &amp; &#xE4;</Data></Item></Replace><Final/></SyncBody></SyncML>
XML
keys="$work/v/keys"
for case in "P-256 srv.a.example_1 ecdsa-sha256" "P-384 srv.b.example_1 ecdsa-sha384" \
            "RSA srv.c.example_1 rsa-sha256" "RSA srv.c.example_1 rsa-pss" \
            "Ed25519 srv.d.example_1 ed25519"; do
    set -- $case
    for own in "" --own; do
        $oracle sign "$unsigned" --key "$keys/$2.key.pem" --key-name k --algorithm "$3" $own \
            -o "$work/s.xml"
        for seed in 1 2 3 4 5; do
            $oracle encode "$work/s.xml" --seed $seed -o "$work/s.wbxml"
            $oracle decode "$work/s.wbxml" | tr -d '\n' | cmp - "$work/s.xml"
            $oracle verify "$work/s.wbxml" --key "$keys/$2.pub.pem" >"$work/verified"
        done
        printf '%s %s: ' "$1" "${own:-xmlsec1}"
        cat "$work/verified"
    done
done
if $oracle verify "$work/s.wbxml" --key "$keys/srv.a.example_1.pub.pem" 2>"$work/no"; then exit 1; fi
bind="--server-id srv.example --device-id IMEI:1"
for transport in "ecdh device-ec" "oaep device-rsa" "oaep-sha1 device-rsa"; do
    set -- $transport
    for part in "" --data; do
        $oracle encrypt "$unsigned" $part --transport "$1" --key "$keys/$2.pub.pem" --key-name "$2" \
            $bind -o "$work/e.wbxml"
        $oracle decrypt "$work/e.wbxml" --key "$keys/$2.key.pem" --key-name "$2" $bind -o "$work/d.xml"
        $oracle decode "$work/e.wbxml" | grep -q EncryptedData
        sed 's/<Final\/>/<Final><\/Final>/; s/&#xE4;/ä/' "$unsigned" | tr -d '\n' | cmp - "$work/d.xml"
    done
done
echo "encrypt and decrypt: all transports, body and data"
printf '\000\244\001\152\000' >"$work/bad.wbxml"
status=0; $oracle decode "$work/bad.wbxml" 2>"$work/no" || status=$?
[ $status = 2 ] && grep -q 'at octet 0' "$work/no" && echo "refusals end with status 2 and an offset"

echo "== real samples"
if [ -n "$corpus" ]; then
    PYTHONPATH="$here" python3 tests/corpus_report.py "$corpus"
else
    echo "skipped: no folder of samples given"
fi
echo "== all good"
