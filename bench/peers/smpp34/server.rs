//! An smpp34 server that takes every transceiver's bind and answers submit_sm, as the crate's
//! perf_smsc does, but for the fresh id.
use async_trait::async_trait;
use smpp34::{
    bind_transceiver, bind_transceiver_resp, submit_sm, submit_sm_resp, SmppConnectionInformation,
    SmppServer, SmppServerListener,
};
use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;

struct Peer {
    ids: AtomicU64,
}

#[async_trait]
impl SmppServerListener for Peer {
    async fn on_bind_transceiver(
        &self,
        request: bind_transceiver,
        _: &SmppConnectionInformation,
        _: &String,
    ) -> bind_transceiver_resp {
        request.accept("peer".to_string(), Some(0x34))
    }

    async fn on_submit_sm(
        &self,
        request: submit_sm,
        _: &SmppConnectionInformation,
        _: &String,
    ) -> submit_sm_resp {
        request.accept(self.ids.fetch_add(1, Ordering::Relaxed).to_string())
    }
}

// perf_smsc and the README take tokio's default, a runtime of many threads, which has as many as
// there are CPUs to run on: one here, on which a runtime of one thread has nobody to share with. The
// two were not compared.
#[tokio::main(flavor = "current_thread")]
async fn main() {
    let port = std::env::args().nth(1).and_then(|port| port.parse().ok()).expect("port");
    let peer = Arc::new(Peer { ids: AtomicU64::new(1) });
    let mut server = SmppServer::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port, peer);
    server.start().await;
    std::future::pending::<()>().await;
}
