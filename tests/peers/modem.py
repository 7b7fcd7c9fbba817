#!/usr/bin/env python3
"""A modem that speaks AT, just well enough for oFono and for ModemManager.

  modem.py ofono IMSI    for oFono's phonesim driver: SMS come as +CMT
  modem.py @NAME IMSI    for ModemManager, on an abstract socket of that name: SMS are stored, and
                         told of by +CMTI

The first line of its output is two TCP ports: of the modem (0 with @NAME), and of control. Each line
sent to the control port is one SMS-DELIVER TPDU in hexadecimal, without the service centre's
address; "acked" is the answer once it was acknowledged (oFono) or read. The line "count" is
answered with the number of SMS that are stored. Standard library only.
"""
import re
import socket
import sys
import threading

ADDRESS, IMSI = sys.argv[1:3]
STORES = ADDRESS.startswith('@')
# The service centre's address before each TPDU: +358401000000.
CENTRE = '0791534810000000' if STORES else '00'
ANSWERS = {
    'AT+CFUN?': '+CFUN: 1', 'AT+CPIN?': '+CPIN: READY', 'AT+CGMI': 'Test', 'AT+CGMM': 'Test',
    'AT+CGMR': '1', 'AT+CGSN': '004999010640000', 'AT+CIMI': IMSI,
    'AT+GCAP': '+GCAP: +CGSM +DS +ES', 'AT+WS46=?': '+WS46: (12,22)',
    'ATI': 'Manufacturer: Test\r\nModel: Test\r\nRevision: 1\r\n+GCAP: +CGSM,+DS,+ES',
    'AT+CSMS=?': '+CSMS: (0,1)', 'AT+CSMS=1': '+CSMS: 1,1,1', 'AT+CSMS?': '+CSMS: 1,1,1,1',
    'AT+CMGF=?': '+CMGF: (0,1)', 'AT+CPMS=?': '+CPMS: ("SM","ME"),("SM","ME"),("SM","ME")',
    'AT+CPMS?': '+CPMS: "ME",0,99,"ME",0,99,"ME",0,99',
    'AT+CNMI=?': '+CNMI: (0-2),(0-3),(0-3),(0-2),(0,1)',
    'AT+CREG=?': '+CREG: (0-2)', 'AT+COPS?': '+COPS: 0',
    'AT+CREG?': '+CREG: 2,1,"1234","001122BB"', 'AT+CGREG?': '+CGREG: 2,1,"31C5","0083F7CD"',
    'AT+COPS=3,2;+COPS?': '+COPS: 0,2,"24405",2', 'AT+COPS=3,0;+COPS?': '+COPS: 0,0,"Test"',
    'AT+CSCA?': '+CSCA: "+358401000000",145', 'AT+CNUM': '+CNUM: ,"+358401234567",145',
    'AT+SIMSTATE?': '+SIMSTATE: 1', 'AT+CLCK=?': '+CLCK: ("SC")',
    'AT+CLCK="SC",2': '+CLCK: 0', 'AT+CSQ': '+CSQ: 20,99',
    'AT+CSCS?': '+CSCS: "UCS2"' if STORES else '+CSCS: "UTF-8"',
    'AT+CSCS=?': '+CSCS: ("IRA","UCS2","GSM")' if STORES else '+CSCS: ("UTF-8","GSM")',
    'AT+CGDCONT=?': '+CGDCONT: (1-11),"IP",,,(0-2),(0-3)',
}
REFUSED = ('AT+CRSM', 'AT+CSIM', 'AT+CPBS', 'AT+CPBR', 'AT+CUSD', 'AT+CCLK', 'AT+CTZU')
modem = None
acked = threading.Event()
stored = {}
latest = [0]
lock = threading.Lock()


def length(pdu):
    """Octets of the TPDU alone."""
    return len(pdu) // 2 - 1 - int(pdu[:2], 16)


def reply(line):
    if line in ANSWERS:
        return ANSWERS[line] + '\r\n\r\nOK'
    if line.startswith('AT+CPMS='):
        return '+CPMS: 0,99,0,99,0,99\r\n\r\nOK'
    if line.startswith('AT+CNMA'):
        acked.set()
        return 'OK'
    with lock:
        if line.startswith('AT+CMGL'):
            acked.set()
            rows = [f'+CMGL: {at},1,,{length(pdu)}\r\n{pdu}' for at, pdu in sorted(stored.items())]
            return '\r\n'.join(rows + ['\r\nOK'] if rows else ['OK'])
        command = re.match(r'AT\+CMG([RD])=(\d+)', line)
        if command:
            at = int(command[2])
            if at not in stored:
                return '+CMS ERROR: 321'
            if command[1] == 'D':
                del stored[at]
                return 'OK'
            if at == latest[0]:
                acked.set()
            return f'+CMGR: 1,,{length(stored[at])}\r\n{stored[at]}\r\n\r\nOK'
    if line.startswith(REFUSED) or (line.startswith('AT+CGDCONT=?') and not STORES):
        return 'ERROR'
    return 'OK'


def listen():
    if not STORES:
        return socket.create_server(('127.0.0.1', 0))
    listener = socket.socket(socket.AF_UNIX)
    listener.bind('\0abstract:' + ADDRESS[1:])
    listener.listen()
    return listener


def serve_at(connection):
    buffer = b''
    while True:
        data = connection.recv(4096)
        if not data:
            return
        buffer += data
        while b'\r' in buffer or b'\x1a' in buffer:
            cut = min(i for i in (buffer.find(b'\r'), buffer.find(b'\x1a')) if i >= 0)
            line, buffer = buffer[:cut].decode(errors='replace').strip(), buffer[cut + 1:]
            if not line:
                continue
            answer = reply(line)
            print(line, '->', answer.replace('\r\n', ' '), file=sys.stderr)
            connection.sendall(('\r\n' + answer + '\r\n').encode())


def push(tpdu):
    """Tells of it until it was taken, as a network delivers again what was not acknowledged."""
    word = f'\r\n+CMT: ,{len(tpdu) // 2}\r\n{CENTRE}{tpdu}\r\n'
    acked.clear()
    if STORES:
        with lock:
            latest[0] = at = latest[0] + 1  # a place is not used twice
            stored[at] = CENTRE + tpdu
        word = f'\r\n+CMTI: "ME",{at}\r\n'
    for _ in range(10):
        modem.sendall(word.encode())
        if acked.wait(3):
            return 'acked'
    return 'timeout'


def serve_control(control):
    while True:
        connection, _ = control.accept()
        with connection, connection.makefile('rw') as stream:
            for line in stream:
                line = line.strip()
                with lock:
                    count = len(stored)
                stream.write((str(count) if line == 'count' else push(line)) + '\n')
                stream.flush()


control = socket.create_server(('127.0.0.1', 0))
threading.Thread(target=serve_control, args=(control,), daemon=True).start()
listener = listen()
print(0 if STORES else listener.getsockname()[1], control.getsockname()[1], flush=True)
while True:
    modem, _ = listener.accept()
    if STORES:  # ModemManager opens its port many times
        threading.Thread(target=serve_at, args=(modem,), daemon=True).start()
    else:
        try:
            serve_at(modem)
        except OSError:
            pass
