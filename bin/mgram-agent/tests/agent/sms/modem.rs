//! The modem of `tests/peers/modem.py`, and what a network sends to it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use dm_push::sms::{Ports, Reference, ShortMessage, segment};
use dm_push::wsp::Push;

use super::Daemon;
use crate::peer::free_port;

/// A modem, until this is dropped.
pub struct Modem {
    _daemon: Daemon,
    control: BufReader<TcpStream>,
}

impl Modem {
    /// One that listens where `address` says.
    pub fn start(address: &str, imsi: &str) -> Self {
        let port = free_port();
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/modem.py");
        let daemon = Daemon::start(Command::new("python3").arg(script).args([
            address,
            &port.to_string(),
            imsi,
        ]));
        let start = Instant::now();
        let stream = loop {
            match TcpStream::connect(("127.0.0.1", port)) {
                Ok(stream) => break stream,
                Err(error) => assert!(start.elapsed() < Duration::from_secs(20), "{error}"),
            }
            std::thread::sleep(Duration::from_millis(10));
        };
        Self { _daemon: daemon, control: BufReader::new(stream) }
    }

    /// The network delivers a short message of this sender.
    pub fn deliver(&mut self, sender: &str, message: &ShortMessage<'_>) {
        assert_eq!(self.ask(&tpdu(sender, message)), "acked");
    }

    /// How many short messages it has stored.
    pub fn count(&mut self) -> usize {
        self.ask("count").parse().expect("a number")
    }

    fn ask(&mut self, line: &str) -> String {
        writeln!(self.control.get_mut(), "{line}").expect("a modem");
        let mut answer = String::new();
        self.control.read_line(&mut answer).expect("an answer");
        answer.trim().to_owned()
    }
}

/// A push of this message, in the segments that it needs.
pub fn segments<T>(
    message: &[u8],
    reference: Reference,
    then: impl FnOnce(&[ShortMessage<'_>]) -> T,
) -> T {
    cut(&Push::dm(1, message).write(), reference, then)
}

/// A whole push, in the segments that it needs.
pub fn cut<T>(push: &[u8], reference: Reference, then: impl FnOnce(&[ShortMessage<'_>]) -> T) -> T {
    then(&segment(push, Ports { destination: 2948, source: 9200 }, reference).expect("cut"))
}

/// An SMS-DELIVER with 8-bit user data and its header, in hexadecimal. [TS 23.040 §9.2.2.1]
fn tpdu(sender: &str, message: &ShortMessage<'_>) -> String {
    let digits = sender.trim_start_matches('+').as_bytes();
    let user_data = message.write().expect("written");
    let mut octets = vec![0x44, u8::try_from(digits.len()).expect("short"), 0x91];
    for pair in digits.chunks(2) {
        let high = pair.get(1).map_or(0xF, |digit| digit - b'0');
        octets.push(high << 4 | (pair[0] - b'0'));
    }
    octets.extend([0x00, 0x04, 0x52, 0x11, 0x32, 0x41, 0x10, 0x00, 0x00]);
    octets.push(u8::try_from(user_data.len()).expect("short"));
    octets.extend(user_data);
    octets.iter().map(|octet| format!("{octet:02X}")).collect()
}
