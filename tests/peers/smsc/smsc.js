// A small SMS centre for tests, on top of the npm package "smpp" (node-smpp).
// One JSON object for each line on standard output: binds and short messages
// exactly as they came over SMPP. Settings come from the environment, as below.
'use strict';
const smpp = require('smpp');
const fs = require('fs');

const env = process.env;
const host = env.SMSC_HOST || '127.0.0.1';
const port = Number(env.SMSC_PORT || 2775);
const user = env.SMSC_USER || 'kannel';
const password = env.SMSC_PASSWORD || 'secret';
const receipts = env.SMSC_RECEIPTS !== '0';
// statuses to answer the first submits with, e.g. "0x58,0x58" = throttled twice
const failFirst = (env.SMSC_FAIL_FIRST || '').split(',').filter(Boolean).map(Number);
const out = env.SMSC_LOG ? fs.openSync(env.SMSC_LOG, 'a') : 1;

// A line is there before what it tells of is answered: whoever stops this has all of them.
const say = (o) => fs.writeSync(out, JSON.stringify(o) + '\n');
let nextId = 1;

// TLS, when both files are named
const tls = env.SMSC_KEY && env.SMSC_CERTIFICATE
  ? { key: fs.readFileSync(env.SMSC_KEY), cert: fs.readFileSync(env.SMSC_CERTIFICATE) } : {};

const server = smpp.createServer(tls, (session) => {
  let bound = false;
  const bind = (kind) => (pdu) => {
    const ok = pdu.system_id === user && pdu.password === password;
    say({ event: kind, system_id: pdu.system_id, ok });
    session.send(pdu.response({ command_status: ok ? 0 : smpp.ESME_RINVPASWD, system_id: 'testsmsc' }));
    if (ok) bound = true; else session.close();
  };
  for (const kind of ['bind_transmitter', 'bind_receiver', 'bind_transceiver']) session.on(kind, bind(kind));

  session.on('submit_sm', (pdu) => {
    if (!bound) return session.send(pdu.response({ command_status: smpp.ESME_RINVBNDSTS }));
    const status = failFirst.length ? failFirst.shift() : 0;
    const id = String(nextId++);
    const m = pdu.short_message;
    const body = pdu.message_payload !== undefined ? pdu.message_payload : m;
    // node-smpp splits the user data header off and drops its length octet: put it back
    const ies = (body && body.udh) ? Buffer.concat([].concat(body.udh)) : null;
    const udh = ies ? Buffer.concat([Buffer.from([ies.length]), ies]) : Buffer.alloc(0);
    const text = body && body.message !== undefined ? body.message : body;
    const ud = Buffer.isBuffer(text) ? text : Buffer.from(String(text || ''), 'latin1');
    say({
      event: 'submit_sm', id, status,
      source: pdu.source_addr, destination: pdu.destination_addr,
      dest_ton: pdu.dest_addr_ton, dest_npi: pdu.dest_addr_npi,
      esm_class: pdu.esm_class, data_coding: pdu.data_coding,
      registered_delivery: pdu.registered_delivery,
      validity_period: pdu.validity_period ? String(pdu.validity_period) : '',
      in_payload_tlv: pdu.message_payload !== undefined,
      sar: pdu.sar_msg_ref_num === undefined ? null
        : [pdu.sar_msg_ref_num, pdu.sar_total_segments, pdu.sar_segment_seqnum],
      ports: pdu.destination_port === undefined ? null : [pdu.source_port, pdu.destination_port],
      udh: udh.toString('hex'), ud: ud.toString('hex'),
    });
    session.send(pdu.response({ command_status: status, message_id: status ? '' : id }));
    if (receipts && !status && (pdu.registered_delivery & 1)) {
      const d = new Date().toISOString().replace(/[-:T]/g, '').slice(2, 12);
      session.deliver_sm({
        source_addr: pdu.destination_addr, source_addr_ton: pdu.dest_addr_ton, source_addr_npi: pdu.dest_addr_npi,
        destination_addr: pdu.source_addr, esm_class: 4, receipted_message_id: id, message_state: 2,
        short_message: `id:${id} sub:001 dlvrd:001 submit date:${d} done date:${d} stat:DELIVRD err:000 text:`,
      });
    }
  });
  session.on('enquire_link', (pdu) => session.send(pdu.response()));
  session.on('deliver_sm_resp', (pdu) => say({ event: 'deliver_sm_resp', status: pdu.command_status }));
  session.on('unbind', (pdu) => { say({ event: 'unbind' }); session.send(pdu.response()); session.close(); });
  session.on('error', () => {});
});

server.listen(port, host, () => say({ event: 'listening', host, port }));
for (const s of ['SIGTERM', 'SIGINT']) process.on(s, () => process.exit(0));
