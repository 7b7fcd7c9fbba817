//! The modem of `tests/peers/modem.py`, and what a network sends to it.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};

use dm_push::sms::{Ports, Reference, ShortMessage, segment};
use dm_push::wsp::Push;

use super::Daemon;

/// A modem, until this is dropped.
pub struct Modem {
    _daemon: Daemon,
    /// Where it listens for oFono.
    pub port: u16,
    control: BufReader<TcpStream>,
}

impl Modem {
    /// One for `ofono`, or for ModemManager with the `@name` of a socket.
    pub fn start(address: &str, imsi: &str) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/peers/modem.py");
        let mut command = Command::new("python3");
        command.arg(script).args([address, imsi]);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut daemon = Daemon(command.spawn().expect("python3"));
        let output = daemon.0.stdout.take().expect("its output");
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line).expect("a line");
        let ports: Vec<u16> =
            line.split_whitespace().map(|port| port.parse().expect("a port")).collect();
        let control = TcpStream::connect(("127.0.0.1", ports[1])).expect("connected");
        Self { _daemon: daemon, port: ports[0], control: BufReader::new(control) }
    }

    /// The network delivers a short message of this sender.
    pub fn deliver(&mut self, sender: &str, message: &ShortMessage<'_>) {
        self.deliver_tpdu(&tpdu(sender, message));
    }

    /// The network delivers this SMS-DELIVER.
    pub fn deliver_tpdu(&mut self, tpdu: &[u8]) {
        let hex: String = tpdu.iter().map(|octet| format!("{octet:02X}")).collect();
        assert_eq!(self.ask(&hex), "acked");
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

/// An SMS-DELIVER with 8-bit user data and its header. [TS 23.040 §9.2.2.1]
fn tpdu(sender: &str, message: &ShortMessage<'_>) -> Vec<u8> {
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
    octets
}
