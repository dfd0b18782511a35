'use strict';
// Submits as fast as the windows allow: each answer lets the next submit go.
const smpp = require('smpp');

const [port, binds, window] = process.argv.slice(2).map(Number);
// A buffer is sent as it is, without a look for its encoding (README, Encodings).
const text = Buffer.alloc(160, 'x');
let answers = 0;

function submit(session) {
  session.submit_sm({
    source_addr_ton: 1, source_addr_npi: 1, source_addr: '491700000001',
    dest_addr_ton: 1, dest_addr_npi: 1, destination_addr: '491600000002', short_message: text,
  }, () => {
    answers += 1;
    submit(session);
  });
}

for (let bind = 0; bind < binds; bind += 1) {
  const session = smpp.connect({ url: `smpp://127.0.0.1:${port}` });
  const account = { system_id: 'test', password: 'test', interface_version: 0x34 };
  session.bind_transceiver(account, (pdu) => {
    if (pdu.command_status !== 0) throw new Error(`bind: ${pdu.command_status}`);
    for (let open = 0; open < window; open += 1) submit(session);
  });
}
setInterval(() => console.log(answers), 1000);
