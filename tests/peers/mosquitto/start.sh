#!/bin/bash
#
# MOSQUITTO_WORK     work directory
# MOSQUITTO_ADDR, MOSQUITTO_PORT, MOSQUITTO_TLS_PORT   where it listens; no TLS without the last
# MOSQUITTO_TLS_CERT, MOSQUITTO_TLS_KEY   PEM; MOSQUITTO_CA asks for certificates of clients
# MOSQUITTO_USERS    NAME:PASSWORD, several with spaces between; MOSQUITTO_SERVER_USER publishes to dm/+/push,
#                    each other one reads dm/NAME/push
# MOSQUITTO_KEEP     1: sessions and messages are on the disk, and there again after a restart
# Starts a Mosquitto MQTT broker on loopback: passwords, per-user topics, optional mTLS.
here=$(cd "$(dirname "$0")" && pwd)
PEER=mosquitto
WORK=${MOSQUITTO_WORK:-${TMPDIR:-/tmp}/peer-mosquitto}
. "$here/../lib.sh"
maybe_stop "${1:-up}"

PATH=$PATH:/usr/sbin
need mosquitto mosquitto
need mosquitto_passwd mosquitto
: "${MOSQUITTO_ADDR:=127.0.0.1}" "${MOSQUITTO_PORT:=1883}" "${MOSQUITTO_TLS_PORT:=}"
: "${MOSQUITTO_USERS:=device1:devpass server:srvpass}" "${MOSQUITTO_SERVER_USER:=server}"
: "${MOSQUITTO_TLS_CERT:=}" "${MOSQUITTO_TLS_KEY:=}" "${MOSQUITTO_CA:=}"
begin

: > "$WORK/passwd"; chmod 600 "$WORK/passwd"
for up in $MOSQUITTO_USERS; do
    mosquitto_passwd -b "$WORK/passwd" "${up%%:*}" "${up#*:}" || exit 1
done
# a device reads only its own topic and publishes nothing: the push is one-way
{
    echo "user $MOSQUITTO_SERVER_USER"
    echo 'topic write dm/+/push'
    echo 'pattern read dm/%u/push'
} > "$WORK/acl"
{
    echo 'per_listener_settings false'
    echo 'allow_anonymous false'
    echo "password_file $WORK/passwd"
    echo "acl_file $WORK/acl"
    if [ "${MOSQUITTO_KEEP:-0}" = 1 ]; then
        echo "persistence true"; echo "persistence_location $WORK/"; echo "autosave_interval 1"; echo "autosave_on_changes true"
    else
        echo "persistence false"
    fi
    echo 'log_dest stderr'
    echo 'log_type all'
    # mosquitto drops root to this user; the files above belong to the caller
    echo "user $(id -un)"
    echo "listener $MOSQUITTO_PORT $MOSQUITTO_ADDR"
    if [ -n "$MOSQUITTO_TLS_PORT" ]; then
        echo "listener $MOSQUITTO_TLS_PORT $MOSQUITTO_ADDR"
        echo "certfile $MOSQUITTO_TLS_CERT"
        echo "keyfile $MOSQUITTO_TLS_KEY"
        if [ -n "$MOSQUITTO_CA" ]; then
            echo "cafile $MOSQUITTO_CA"
            echo 'require_certificate true'
        fi
    fi
} > "$WORK/mosquitto.conf"
spawn mosquitto mosquitto -c "$WORK/mosquitto.conf"
wait_until 10 "MQTT port $MOSQUITTO_PORT" tcp_open "$MOSQUITTO_ADDR" "$MOSQUITTO_PORT"
echo "MQTT_ADDR=$MOSQUITTO_ADDR:$MOSQUITTO_PORT"
finish "${1:-up}"
