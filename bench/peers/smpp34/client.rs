//! Submits as fast as the windows allow: a task for each open message, as in the crate's perf_esme.
use async_trait::async_trait;
use smpp34::client::{SmppClient, SmppClientListener, BIND_TYPE, SMSC};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{oneshot, Mutex};

static ANSWERS: AtomicU64 = AtomicU64::new(0);

struct Binder {
    bound: Mutex<Option<oneshot::Sender<SMSC>>>,
}

#[async_trait]
impl SmppClientListener for Binder {
    async fn on_smsc_bound(&self, smsc: SMSC, _: &String) {
        if let Some(bound) = self.bound.lock().await.take() {
            let _ = bound.send(smsc);
        }
    }
}

async fn submit(smsc: Arc<SMSC>) {
    let text = [b'x'; 160];
    loop {
        let answer = smsc
            .submit_sm()
            .source_addr("491700000001")
            .destination_addr("491600000002")
            .short_message(&text)
            .send()
            .await;
        answer.expect("answer");
        ANSWERS.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments = std::env::args().skip(1);
    let numbers: Vec<usize> = arguments.map(|n| n.parse().expect("number")).collect();
    let (port, binds, window) = (numbers[0] as u16, numbers[1], numbers[2]);
    let mut clients = Vec::new();
    for _ in 0..binds {
        let (bound, smsc) = oneshot::channel();
        let mut client = SmppClient::new(
            "127.0.0.1".to_string(),
            port,
            false,
            BIND_TYPE::TRX,
            "test".to_string(),
            "test".to_string(),
            String::new(),
            1,
            1,
            String::new(),
            Arc::new(Binder { bound: Mutex::new(Some(bound)) }),
            window,
        );
        client.start().await;
        clients.push(client);
        let smsc = Arc::new(smsc.await.expect("bind"));
        for _ in 0..window {
            tokio::spawn(submit(smsc.clone()));
        }
    }
    loop {
        tokio::time::sleep(Duration::from_secs(1)).await;
        println!("{}", ANSWERS.load(Ordering::Relaxed));
    }
}
