#!/bin/bash
# Starts Kamailio as a SIP registrar and proxy on loopback.
#
# KAMAILIO_WORK      work directory; below 80 characters, for a socket is in it
# KAMAILIO_ADDR, KAMAILIO_PORT, KAMAILIO_TLS_PORT   where it listens; no TLS without the last
# KAMAILIO_TLS_CERT, _KEY, _CLIENT_CA   PEM; the last asks for certificates of clients
# KAMAILIO_USERS     NAME:PASSWORD, several with spaces between
# KAMAILIO_ALGORITHM MD5, or SHA-256
# KAMAILIO_NONCE_EXPIRE   seconds
# KAMAILIO_MESSAGE_AUTH   0: MESSAGE without digest
# KAMAILIO_DEBUG     what is logged: 2 has each message, 0 errors alone
# KAMAILIO_MEMORY    MiB that its processes share: transactions are kept for 5 s
here=$(cd "$(dirname "$0")" && pwd)
PEER=kamailio
WORK=${KAMAILIO_WORK:-${TMPDIR:-/tmp}/peer-kamailio}
. "$here/../lib.sh"
maybe_stop "${1:-up}"

need kamailio kamailio
need md5sum coreutils
: "${KAMAILIO_ADDR:=127.0.0.1}" "${KAMAILIO_PORT:=5060}" "${KAMAILIO_TLS_PORT:=}"
: "${KAMAILIO_REALM:=push.example}" "${KAMAILIO_USERS:=device1:devpass server:srvpass}"
: "${KAMAILIO_ALGORITHM:=MD5}" "${KAMAILIO_NONCE_EXPIRE:=300}"
: "${KAMAILIO_AUTH:=1}" "${KAMAILIO_MESSAGE_AUTH:=$KAMAILIO_AUTH}" "${KAMAILIO_UDP_MTU:=0}" "${KAMAILIO_TCP_BUF:=131072}"
: "${KAMAILIO_MEMORY:=64}" "${KAMAILIO_DEBUG:=2}"
: "${KAMAILIO_TLS_CERT:=}" "${KAMAILIO_TLS_KEY:=}" "${KAMAILIO_TLS_CLIENT_CA:=}"
begin

sum=md5sum
[ "$KAMAILIO_ALGORITHM" = MD5 ] || sum=sha256sum
: > "$WORK/users.cfg"
for up in $KAMAILIO_USERS; do
    u=${up%%:*} p=${up#*:}
    h=$(printf '%s' "$u:$KAMAILIO_REALM:$p" | $sum | cut -d' ' -f1)
    echo "\$sht(ha1=>$u) = \"$h\";" >> "$WORK/users.cfg"
done

def=(-A "LISTEN_ADDR=$KAMAILIO_ADDR" -A "SIP_PORT=$KAMAILIO_PORT" -A "TCP_BUF=$KAMAILIO_TCP_BUF"
    -A "NONCE_EXPIRE=$KAMAILIO_NONCE_EXPIRE" -A "LOG_LEVEL=$KAMAILIO_DEBUG")
[ "$KAMAILIO_AUTH" = 0 ] || def+=(-A WITH_AUTH)
[ "$KAMAILIO_MESSAGE_AUTH" = 0 ] || def+=(-A WITH_MESSAGE_AUTH)
[ "$KAMAILIO_ALGORITHM" = MD5 ] || def+=(-A WITH_SHA256)
[ "$KAMAILIO_UDP_MTU" = 0 ] || def+=(-A WITH_UDP_MTU -A "UDP_MTU=$KAMAILIO_UDP_MTU")
if [ -n "$KAMAILIO_TLS_PORT" ]; then
    mod=$(dirname "$(find /usr/lib -path '*kamailio/modules/tm.so' 2>/dev/null | head -n 1)")/tls.so
    need_file "$mod" kamailio-tls-modules
    if [ -z "$KAMAILIO_TLS_CERT" ]; then
        need openssl openssl
        KAMAILIO_TLS_CERT=$WORK/sip.crt KAMAILIO_TLS_KEY=$WORK/sip.key
        openssl req -x509 -newkey rsa:2048 -nodes -days 7 -subj "/CN=$KAMAILIO_REALM" \
            -addext "subjectAltName=DNS:localhost,DNS:$KAMAILIO_REALM,IP:127.0.0.1" \
            -keyout "$KAMAILIO_TLS_KEY" -out "$KAMAILIO_TLS_CERT" 2>"$WORK/openssl.out" || exit 1
    fi
    {
        echo '[server:default]'
        echo 'method = TLSv1.2+'
        echo "certificate = $KAMAILIO_TLS_CERT"
        echo "private_key = $KAMAILIO_TLS_KEY"
        if [ -n "$KAMAILIO_TLS_CLIENT_CA" ]; then
            echo 'verify_certificate = yes'
            echo 'require_certificate = yes'
            echo "ca_list = $KAMAILIO_TLS_CLIENT_CA"
        fi
        echo '[client:default]'
        echo 'verify_certificate = no'
        echo 'require_certificate = no'
    } > "$WORK/tls.cfg"
    def+=(-A WITH_TLS -A "TLS_PORT=$KAMAILIO_TLS_PORT")
fi

# values inside quoted strings are filled in here, the others through -A
conf=$(<"$here/kamailio.cfg")
fill() { conf=${conf//$1/"$2"}; }
fill CTL_SOCKET "$WORK/ctl.sock"; fill USERS_FILE "$WORK/users.cfg"
fill TLS_CFG "$WORK/tls.cfg";     fill REALM_NAME "$KAMAILIO_REALM"
printf '%s\n' "$conf" > "$WORK/kamailio.cfg"

spawn kamailio kamailio -DD -E -f "$WORK/kamailio.cfg" -P "$WORK/kamailio.pid" \
    -Y "$WORK" -w "$WORK" -m "$KAMAILIO_MEMORY" -M 8 "${def[@]}"
wait_until 15 "SIP TCP port $KAMAILIO_PORT" tcp_open "$KAMAILIO_ADDR" "$KAMAILIO_PORT"
wait_until 15 "SIP UDP port $KAMAILIO_PORT" udp_bound "$KAMAILIO_ADDR" "$KAMAILIO_PORT"
# only then does it heed a SIGTERM
wait_until 15 "control socket" kamcmd -s "unix:$WORK/ctl.sock" core.uptime
echo "SIP_ADDR=$KAMAILIO_ADDR:$KAMAILIO_PORT"
echo "SIP_REALM=$KAMAILIO_REALM"
if [ -n "$KAMAILIO_TLS_PORT" ]; then
    wait_until 15 "SIP TLS port $KAMAILIO_TLS_PORT" tcp_open "$KAMAILIO_ADDR" "$KAMAILIO_TLS_PORT"
    echo "SIP_TLS_ADDR=$KAMAILIO_ADDR:$KAMAILIO_TLS_PORT"
    echo "SIP_TLS_CERT=$KAMAILIO_TLS_CERT"
fi
echo "KAMAILIO_CTL=$WORK/ctl.sock"
finish "${1:-up}"
