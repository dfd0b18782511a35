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
      this.session = smpp.connect({host: '127.0.0.1', port});
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
