// Aim: what a client sees that shares no code with the server. Method: each test binds sessions of
// its own through the smpp package, talks to the server at the given port, and checks answers and
// receipts. One TAP line per test.
//
// Usage: node test.js PORT LABEL
'use strict';

const assert = require('assert');
const smpp = require('smpp');

const port = Number(process.argv[2]);
const label = process.argv[3] || 'server';
// The certificate is for a name, and this is an address.
const tls = process.env.RINGGATE_INTEROP_TLS ? {tls: true, rejectUnauthorized: false} : {};
const responseTimeoutMs = 10000;
const testTimeoutMs = 20000;

// SMPP 3.4 appendix B; dates come with or without seconds.
const receiptText = new RegExp('^id:\\S+ sub:\\d{3} dlvrd:\\d{3} submit date:\\d{10}(\\d\\d)? ' +
    'done date:\\d{10}(\\d\\d)? stat:DELIVRD err:\\S{3}');

const source = '4479460001';
const destination = '33612345678';

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

// Rejects when the promise has not settled in time: a silent server fails one test, not the run.
function within(ms, what, promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what}: nothing within ${ms} ms`)), ms);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// One connection. Answers enquire_link and deliver_sm as a well-behaved client does, and keeps what
// was delivered.
class Client {
  constructor() {
    this.delivered = [];
    this.waiters = [];
    this.closed = false;
  }

  async connect() {
    const deadline = Date.now() + responseTimeoutMs;
    // The server was started a moment ago and may not listen yet.
    while (!(await this.connectOnce())) {
      assert(Date.now() < deadline, 'no connection');
      await sleep(50);
    }
    return this;
  }

  connectOnce() {
    return new Promise((resolve) => {
      this.session = smpp.connect({host: '127.0.0.1', port, ...tls});
      // Every request waits for the end of the connection as well.
      this.session.setMaxListeners(0);
      this.session.on('connect', () => resolve(true));
      this.session.on('error', () => resolve(false));
      this.session.on('close', () => { this.closed = true; });
      this.session.on('enquire_link', (pdu) => this.session.send(pdu.response()));
      this.session.on('unbind', (pdu) => this.session.send(pdu.response()));
      this.session.on('deliver_sm', (pdu) => this.onDeliver(pdu));
    }).then((connected) => {
      if (connected) this.closed = false;
      return connected;
    });
  }

  onDeliver(pdu) {
    this.session.send(pdu.response());
    this.delivered.push(pdu);
    this.waiters.splice(0).forEach((wake) => wake());
  }

  receiptsOf(id) {
    return this.delivered.filter((pdu) => receiptId(pdu) === id);
  }

  request(command, options) {
    return within(responseTimeoutMs, command, new Promise((resolve, reject) => {
      const sent = this.session[command](options || {}, resolve);
      if (!sent) reject(new Error(`${command}: the connection is closed`));
      this.session.once('close', () => reject(new Error(`${command}: closed without an answer`)));
    }));
  }

  bind(mode, systemId, password) {
    return this.request(`bind_${mode}`,
        {system_id: systemId, password: password || systemId, interface_version: 0x34});
  }

  submit(options) {
    return this.request('submit_sm', Object.assign({
      source_addr_ton: 1, source_addr_npi: 1, source_addr: source,
      dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: destination,
      registered_delivery: 1, short_message: 'hello',
    }, options));
  }

  close() {
    if (this.session && !this.closed) this.session.destroy();
  }
}

const clients = [];

async function bound(mode, systemId) {
  const client = new Client();
  clients.push(client);
  await client.connect();
  const response = await client.bind(mode, systemId);
  assert.strictEqual(response.command, `bind_${mode}_resp`);
  assert.strictEqual(response.command_status, 0, `bind_${mode} as ${systemId}`);
  return client;
}

async function connected() {
  const client = new Client();
  clients.push(client);
  return client.connect();
}

function receiptId(pdu) {
  const match = /^id:(\S+) /.exec(pdu.short_message.message);
  return match ? match[1] : undefined;
}

// Waits until one of the receivers has the receipt of that message; fails when it comes twice.
async function receipt(id, receivers) {
  const found = () => [].concat(...receivers.map((r) => r.receiptsOf(id)));
  const arrival = (async () => {
    while (found().length === 0) {
      await Promise.race(receivers.map((r) => new Promise((wake) => r.waiters.push(wake))));
    }
  })();
  await within(responseTimeoutMs, `receipt of ${id}`, arrival);
  const pdus = found();
  assert.strictEqual(pdus.length, 1, `receipt of ${id} came ${pdus.length} times`);
  return pdus[0];
}

function checkReceipt(pdu, id) {
  assert.strictEqual(pdu.command_status, 0);
  assert.strictEqual(pdu.esm_class & 0x3c, 0x04, 'esm_class says delivery receipt');
  const text = pdu.short_message.message;
  assert.match(text, receiptText);
  assert.strictEqual(receiptId(pdu), id);
  assert.strictEqual(String(pdu.receipted_message_id), id, 'receipted_message_id');
  assert.strictEqual(pdu.message_state, 2, 'message_state');
  assert.strictEqual(pdu.source_addr, destination, 'addresses are swapped');
  assert.strictEqual(pdu.destination_addr, source, 'addresses are swapped');
}

function checkAccepted(response) {
  assert.strictEqual(response.command, 'submit_sm_resp');
  assert.strictEqual(response.command_status, 0);
  assert.match(response.message_id, /^\S+$/);
}

const tests = [];
function test(name, run) {
  tests.push({name, run});
}

test('binds as transmitter, receiver and transceiver', async () => {
  for (const mode of ['transmitter', 'receiver', 'transceiver']) await bound(mode, 'test');
});

test('receipts of submits on tx and trx reach a bind that may receive', async () => {
  const tx = await bound('transmitter', 'test');
  const rx = await bound('receiver', 'test');
  const trx = await bound('transceiver', 'test');
  const ids = new Set();
  for (const client of [tx, trx]) {
    for (let i = 0; i < 5; ++i) {
      const response = await client.submit();
      checkAccepted(response);
      assert(!ids.has(response.message_id), 'message ids are unique');
      ids.add(response.message_id);
    }
  }
  for (const id of ids) checkReceipt(await receipt(id, [rx, trx]), id);
  assert.strictEqual(tx.delivered.length, 0, 'a transmitter is sent nothing');
});

test('a receipt never comes before its submit_sm_resp', async () => {
  const trx = await bound('transceiver', 'test');
  const answered = new Set();
  let early = 0;
  trx.session.on('deliver_sm', (pdu) => { if (!answered.has(receiptId(pdu))) ++early; });
  const submits = [];
  for (let i = 0; i < 100; ++i) {
    submits.push(trx.submit().then((response) => {
      checkAccepted(response);
      return response.message_id;
    }));
  }
  // The set must know an id before the next PDU is read, which a promise could be too late for.
  trx.session.on('submit_sm_resp', (pdu) => answered.add(pdu.message_id));
  const ids = await Promise.all(submits);
  for (const id of ids) await receipt(id, [trx]);
  assert.strictEqual(early, 0, `${early} receipts came first`);
});

test('no receipt where none was asked for', async () => {
  const trx = await bound('transceiver', 'test');
  const response = await trx.submit({registered_delivery: 0});
  checkAccepted(response);
  await sleep(600);
  assert.strictEqual(trx.receiptsOf(response.message_id).length, 0);
});

test('enquire_link is answered', async () => {
  const trx = await bound('transceiver', 'test');
  const response = await trx.request('enquire_link');
  assert.strictEqual(response.command, 'enquire_link_resp');
  assert.strictEqual(response.command_status, 0);
});

test('a wrong password gets ESME_RBINDFAIL', async () => {
  const client = await connected();
  const response = await client.bind('transceiver', 'test', 'wrong');
  assert.strictEqual(response.command, 'bind_transceiver_resp');
  assert.strictEqual(response.command_status, smpp.ESME_RBINDFAIL);
});

test('an unknown system_id gets ESME_RBINDFAIL', async () => {
  const client = await connected();
  const response = await client.bind('transmitter', 'nobody', 'test');
  assert.strictEqual(response.command_status, smpp.ESME_RBINDFAIL);
});

test('a submit on a receiver gets ESME_RINVBNDSTS', async () => {
  const rx = await bound('receiver', 'test');
  const response = await rx.submit();
  assert.strictEqual(response.command, 'submit_sm_resp');
  assert.strictEqual(response.command_status, smpp.ESME_RINVBNDSTS);
});

test('a submit without a destination gets ESME_RINVDSTADR and the session goes on', async () => {
  const trx = await bound('transceiver', 'test');
  const response = await trx.submit({destination_addr: ''});
  assert.strictEqual(response.command, 'submit_sm_resp');
  assert.strictEqual(response.command_status, smpp.ESME_RINVDSTADR);
  checkAccepted(await trx.submit({registered_delivery: 0}));
});

test('an account over its rate gets ESME_RTHROTTLED for some and no other error', async () => {
  const tx = await bound('transmitter', 'slow');
  const submits = [];
  for (let i = 0; i < 50; ++i) submits.push(tx.submit({registered_delivery: 0}));
  const statuses = (await Promise.all(submits)).map((response) => response.command_status);
  const throttled = statuses.filter((status) => status === smpp.ESME_RTHROTTLED).length;
  const accepted = statuses.filter((status) => status === 0).length;
  assert(throttled > 0, 'none throttled');
  assert(accepted > 0, 'none accepted');
  assert.strictEqual(throttled + accepted, statuses.length, `statuses: ${statuses}`);
});

test('a receipt waits until a receiver binds', async () => {
  const tx = await bound('transmitter', 'keeper');
  const response = await tx.submit();
  checkAccepted(response);
  // Long past the simulator's delay: the receipt is due, and there is nobody to take it.
  await sleep(700);
  const rx = await bound('receiver', 'keeper');
  checkReceipt(await receipt(response.message_id, [rx]), response.message_id);
  assert.strictEqual(tx.delivered.length, 0);
});

// ---- the rest of the protocol

test('data_sm is accepted and receipted', async () => {
  const trx = await bound('transceiver', 'test');
  const response = await trx.request('data_sm', {
    source_addr: source, destination_addr: destination, registered_delivery: 1,
    message_payload: 'x'.repeat(1000),
  });
  assert.strictEqual(response.command, 'data_sm_resp');
  assert.strictEqual(response.command_status, 0);
  await receipt(response.message_id, [trx]);
});

test('data_sm without a payload gets ESME_RMISSINGTLV', async () => {
  const trx = await bound('transceiver', 'test');
  const response = await trx.request('data_sm',
      {source_addr: source, destination_addr: destination});
  assert.strictEqual(response.command, 'data_sm_resp');
  // A 5.0 code; a 3.4 client gets the nearest that it knows.
  assert.notStrictEqual(response.command_status, 0);
});

test('submit_multi names the destinations that failed', async () => {
  const trx = await bound('transceiver', 'test');
  const address = (digits) =>
      ({dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: digits});
  const response = await trx.request('submit_multi', {
    source_addr: source, registered_delivery: 1, short_message: 'many',
    dest_address: [address('33612345678'), address('letters'), address('33612345679')],
  });
  assert.strictEqual(response.command, 'submit_multi_resp');
  assert.strictEqual(response.command_status, 0);
  assert.strictEqual(response.unsuccess_sme.length, 1);
  assert.strictEqual(response.unsuccess_sme[0].destination_addr, 'letters');
  assert.strictEqual(response.unsuccess_sme[0].error_status_code, smpp.ESME_RINVDSTADR);
  await within(responseTimeoutMs, 'two receipts', (async () => {
    while (trx.receiptsOf(response.message_id).length < 2) await sleep(20);
  })());
});

test('query_sm tells the state, before and after the outcome', async () => {
  const trx = await bound('transceiver', 'test');
  const {message_id: id} = await trx.submit();
  const query = () => trx.request('query_sm',
      {message_id: id, source_addr_ton: 1, source_addr_npi: 1, source_addr: source});
  const early = await query();
  assert.strictEqual(early.command, 'query_sm_resp');
  assert.strictEqual(early.message_id, id);
  assert.strictEqual(early.message_state, 1, 'ENROUTE');
  await receipt(id, [trx]);
  const late = await query();
  assert.strictEqual(late.message_state, 2, 'DELIVERED');
  assert.ok(late.final_date, 'final_date');
});

test('query_sm of nothing and of another account gets ESME_RINVMSGID', async () => {
  const trx = await bound('transceiver', 'test');
  const other = await bound('transceiver', 'keeper');
  const {message_id: id} = await trx.submit({registered_delivery: 0});
  const query = (client, messageId) => client.request('query_sm',
      {message_id: messageId, source_addr_ton: 1, source_addr_npi: 1, source_addr: source});
  for (const response of [await query(trx, '0100000000000001'), await query(trx, 'nonsense'),
    await query(other, id)]) {
    assert.strictEqual(response.command_status, smpp.ESME_RINVMSGID);
  }
});

test('cancel_sm stops a scheduled message, whose receipt says DELETED', async () => {
  const trx = await bound('transceiver', 'test');
  const {message_id: id} = await trx.submit({schedule_delivery_time: '000000010000000R'});
  const addresses = {source_addr_ton: 1, source_addr_npi: 1, source_addr: source,
    dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: destination};
  const response = await trx.request('cancel_sm', Object.assign({message_id: id}, addresses));
  assert.strictEqual(response.command, 'cancel_sm_resp');
  assert.strictEqual(response.command_status, 0);
  const pdu = await receipt(id, [trx]);
  assert.match(pdu.short_message.message, /stat:DELETED/);
  const again = await trx.request('cancel_sm', Object.assign({message_id: id}, addresses));
  assert.strictEqual(again.command_status, smpp.ESME_RCANCELFAIL);
});

test('cancel_sm without an id cancels all between two addresses, on every shard', async () => {
  const clients = [];
  for (let i = 0; i < 4; ++i) clients.push(await bound('transceiver', 'test'));
  const to = '33600000999';
  const ids = [];
  for (const client of clients) {
    const response = await client.submit(
        {destination_addr: to, schedule_delivery_time: '000000010000000R'});
    ids.push(response.message_id);
  }
  const response = await clients[0].request('cancel_sm', {source_addr_ton: 1, source_addr_npi: 1,
    source_addr: source, dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: to});
  assert.strictEqual(response.command_status, 0);
  for (const id of ids) {
    const pdu = await receipt(id, clients);
    assert.match(pdu.short_message.message, /stat:DELETED/);
  }
});

test('replace_sm works on what has not gone out', async () => {
  const trx = await bound('transceiver', 'test');
  const {message_id: id} = await trx.submit({schedule_delivery_time: '000000010000000R'});
  const replace = () => trx.request('replace_sm', {message_id: id, source_addr_ton: 1,
    source_addr_npi: 1, source_addr: source, schedule_delivery_time: '000000000001000R',
    validity_period: '', registered_delivery: 1, short_message: 'other'});
  const response = await replace();
  assert.strictEqual(response.command, 'replace_sm_resp');
  assert.strictEqual(response.command_status, 0);
  await receipt(id, [trx]);
  assert.strictEqual((await replace()).command_status, smpp.ESME_RREPLACEFAIL);
});

test('broadcast_sm, its query and its cancel', async () => {
  const client = await connected();
  const bind = await client.request('bind_transceiver',
      {system_id: 'test', password: 'test', interface_version: 0x50});
  assert.strictEqual(bind.command_status, 0);
  const response = await client.request('broadcast_sm', {
    source_addr: source, broadcast_area_identifier: [Buffer.from([0, 65])],
    broadcast_content_type: Buffer.from([0, 0, 16]), broadcast_rep_num: 1,
    broadcast_frequency_interval: Buffer.from([9, 0, 1]), message_payload: 'storm',
  });
  assert.strictEqual(response.command, 'broadcast_sm_resp');
  assert.strictEqual(response.command_status, 0);
  const query = await client.request('query_broadcast_sm',
      {message_id: response.message_id, source_addr: source});
  assert.strictEqual(query.command, 'query_broadcast_sm_resp');
  assert.strictEqual(query.command_status, 0);
  assert.strictEqual(query.message_id, response.message_id);
  const cancel = await client.request('cancel_broadcast_sm',
      {message_id: response.message_id, source_addr: source});
  assert.strictEqual(cancel.command, 'cancel_broadcast_sm_resp');
  assert.strictEqual(cancel.command_status, 0);
});

test('messages of subscribers reach receivers of the account that owns the number', async () => {
  const tx = await bound('transmitter', 'mo');
  const rx = await bound('receiver', 'mo');
  const others = await bound('receiver', 'test');
  await within(responseTimeoutMs, 'an MO', (async () => {
    while (rx.delivered.length === 0) await sleep(20);
  })());
  const pdu = rx.delivered[0];
  assert.strictEqual(pdu.esm_class, 0);
  assert.strictEqual(pdu.source_addr, '447700900999');
  assert.strictEqual(pdu.destination_addr, '5550');
  assert.strictEqual(pdu.short_message.message, 'Hello, who is there?');
  assert.strictEqual(tx.delivered.length, 0);
  assert.strictEqual(others.delivered.filter((p) => p.esm_class === 0).length, 0);
});

test('an account with quirks: decimal ids, its own receipt, as data_sm', async () => {
  const trx = await bound('transceiver', 'odd');
  trx.session.on('data_sm', (pdu) => trx.onDeliver(pdu));
  const response = await trx.submit();
  checkAccepted(response);
  assert.match(response.message_id, /^[1-9][0-9]+$/);
  await within(responseTimeoutMs, 'the receipt', (async () => {
    while (trx.delivered.length === 0) await sleep(20);
  })());
  const pdu = trx.delivered[0];
  assert.strictEqual(pdu.command, 'data_sm');
  const text = String(pdu.message_payload.message || pdu.message_payload);
  assert.match(text, new RegExp(
      `^id:${response.message_id} sub:001 submit date:\\d{12} stat:DELIVRD err:0 text:"hello"$`));
  assert.strictEqual(pdu.message_state, undefined, 'no TLVs for receipts');
});

test('unbind is answered', async () => {
  const trx = await bound('transceiver', 'test');
  const response = await trx.request('unbind');
  assert.strictEqual(response.command, 'unbind_resp');
  assert.strictEqual(response.command_status, 0);
});

async function main() {
  let failed = 0;
  let number = 0;
  for (const {name, run} of tests) {
    ++number;
    try {
      await within(testTimeoutMs, name, run());
      console.log(`ok ${number} - ${label}: ${name}`);
    } catch (error) {
      ++failed;
      console.log(`not ok ${number} - ${label}: ${name}`);
      console.log(`# ${String(error.stack || error).split('\n').join('\n# ')}`);
      // Where nobody can bind, the other tests would only wait for their timeouts.
      if (number === 1) break;
    }
    clients.splice(0).forEach((client) => client.close());
    // What is bound for one test must not take receipts of the next.
    await sleep(50);
  }
  process.exit(failed === 0 ? 0 : 1);
}

main();
