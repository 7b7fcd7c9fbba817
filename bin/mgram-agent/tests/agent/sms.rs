//! Short messages from a modem to the tree, through oFono and through ModemManager as they are
//! installed. Only the modem is ours.

#[path = "../../../../crates/dm-agent/tests/receive/sms/bus.rs"]
mod bus;
mod chain;
mod modem;
mod modem_manager;
mod ofono;

use std::future::Future;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::message::sealed_body;

/// Waits until this is so, which may take some seconds with a program of others.
async fn until<F: Future<Output = bool>>(what: &str, mut is_so: impl FnMut() -> F) {
    let start = Instant::now();
    while !is_so().await {
        assert!(start.elapsed() < Duration::from_secs(90), "{what}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

/// A program of others. It is killed when this is dropped.
struct Daemon(Child);

impl Daemon {
    fn start(command: &mut Command) -> Self {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().expect("started"))
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A message that sets both values to this number, in 33 segments.
fn long(number: u64) -> Vec<u8> {
    let replace = |name: &str, value: &str| {
        format!(
            "<Replace><CmdID>1</CmdID><Item><Target><LocURI>./Meter/{name}</LocURI></Target>\
             <Data>{value}</Data></Item></Replace>"
        )
    };
    let padding = "x".repeat(3390);
    let commands = [("Left", padding), ("Left", number.to_string()), ("Right", number.to_string())]
        .map(|(name, value)| replace(name, &value));
    let [first, second, third] = commands;
    let second = second.replace("<CmdID>1<", "<CmdID>2<");
    let third = third.replace("<CmdID>1<", "<CmdID>3<");
    sealed_body(number, &[first, second, third].concat())
}
