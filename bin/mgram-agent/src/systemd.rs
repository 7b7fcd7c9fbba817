//! What the service manager is told: `sd_notify(3)`, by a datagram to the socket that it names.
//!
//! Nothing is sent, and nothing runs, where no manager asks for it. A watchdog wakes the device as
//! often as its time says, so the unit sets none; where somebody does, the agent says that it lives
//! only while no message holds it up.

use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::time::Duration;

use tracing::warn;

/// The socket of a service manager, if there is one.
pub struct Manager(Option<SocketAddr>);

impl Manager {
    /// The one that the environment names.
    pub fn of_environment() -> Self {
        Self::at(std::env::var("NOTIFY_SOCKET").ok().as_deref())
    }

    fn at(name: Option<&str>) -> Self {
        let address = name.and_then(|name| match name.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name).ok(),
            None => SocketAddr::from_pathname(name).ok(),
        });
        if let (Some(name), None) = (name, &address) {
            warn!(name, "NOTIFY_SOCKET is no socket that can be used");
        }
        Self(address)
    }

    /// Tells it, by lines like `READY=1`.
    pub fn tell(&self, lines: &str) {
        let Some(address) = &self.0 else { return };
        let sent = || -> io::Result<usize> {
            let socket = UnixDatagram::unbound()?;
            socket.set_nonblocking(true)?;
            socket.send_to_addr(lines.as_bytes(), address)
        };
        if let Err(error) = sent() {
            warn!(%error, "the service manager could not be told");
        }
    }
}

/// Half of the time in which the manager wants a sign of life, if it wants any of this process.
pub fn watchdog() -> Option<Duration> {
    let number = |name| std::env::var(name).ok()?.parse::<u64>().ok();
    let is_ours = number("WATCHDOG_PID").is_none_or(|pid| pid == u64::from(std::process::id()));
    let limit = number("WATCHDOG_USEC").filter(|limit| is_ours && *limit > 0)?;
    Some(Duration::from_micros(limit / 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_by_a_path_or_an_abstract_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("notify");
        let abstract_name = format!("marconigram-notify-{}", std::process::id());
        let abstract_address = SocketAddr::from_abstract_name(&abstract_name).unwrap();
        for (socket, name) in [
            (UnixDatagram::bind(&path).unwrap(), path.to_str().unwrap().to_owned()),
            (UnixDatagram::bind_addr(&abstract_address).unwrap(), format!("@{abstract_name}")),
        ] {
            Manager::at(Some(&name)).tell("READY=1");
            let mut octets = [0; 32];
            let count = socket.recv(&mut octets).unwrap();
            assert_eq!(&octets[..count], b"READY=1", "{name}");
        }
        Manager::at(None).tell("READY=1");
        Manager::at(Some("/nowhere/at/all")).tell("READY=1");
    }
}
