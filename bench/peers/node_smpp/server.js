'use strict';
// A node-smpp server that takes every bind and answers submit_sm. The package documents no settings
// that bear upon speed; its debug and proxy options are off by default.
const smpp = require('smpp');

let ids = 0;
const server = smpp.createServer((session) => {
  for (const command of ['bind_transceiver', 'bind_transmitter', 'bind_receiver', 'unbind',
    'enquire_link']) {
    session.on(command, (pdu) => session.send(pdu.response()));
  }
  session.on('submit_sm', (pdu) => session.send(pdu.response({ message_id: String(++ids) })));
  session.on('error', () => session.destroy());
});
server.listen(Number(process.argv[2]), '127.0.0.1');
