//! `push`: one message, one route, one receipt. [Sessionless §5.3]

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use dm_push::sip::digest::Algorithm;
use dm_push::wsp;
use dm_transport::{Address, AddressError, Host, SipLogin, SipWay};
use serde_json::json;
use zeroize::Zeroizing;

use crate::document::{read, read_secret};
use crate::fault::Fault;
use crate::report::Reporter;

/// Pushes one sealed message and prints the receipt, which says what it does not prove.
#[derive(Args, Debug)]
pub struct Push {
    /// The sealed message, WBXML, or a WSP push that `mgram bootstrap` made; `-` is standard input.
    message: PathBuf,
    /// Where to: udp://HOST:2948, http://HOST:PORT/push, https: as well, or
    /// sip:USER@HOST;transport=tls (or tcp, udp; a port may follow the host).
    #[arg(long, value_name = "ADDRESS")]
    to: String,
    /// How long to wait for the transport, in seconds.
    #[arg(long, default_value_t = 10, value_name = "SECONDS")]
    #[arg(value_parser = clap::value_parser!(u64).range(1..))]
    deadline: u64,
    /// Who sends, where a SIP proxy asks for it.
    #[arg(long, requires = "password_file", value_name = "NAME")]
    user: Option<String>,
    /// The file of that user's password: its first line.
    #[arg(long, requires = "user", value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// The SIP proxy to send to, if it is not the host of the address.
    #[arg(long, value_name = "HOST[:PORT]")]
    proxy: Option<String>,
    /// Certificates in PEM of who may vouch for the other end: for https:, instead of those that this
    /// system trusts, and for transport=tls.
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
}

impl Push {
    /// Runs it.
    pub fn run(self, reporter: &Reporter) -> Result<ExitCode, Fault> {
        let address: Address =
            self.to.parse().map_err(|error| of_address("--to", &self.to, error))?;
        let is_tls = self.check_options(&address)?;
        let proxy = self.proxy.as_deref().map(|text| {
            let port = if is_tls { 5061 } else { 5060 };
            Host::parse(text, port).map_err(|error| of_address("--proxy", text, error))
        });
        let proxy = proxy.transpose()?;
        let authorities = self.ca.as_deref().map(read).transpose()?.unwrap_or_default();
        let password = self.password()?;
        let login = self.user.as_deref().zip(password.as_deref());
        let login = login.map(|(user, password)| SipLogin { user, password, hash });
        let way = SipWay { login, authorities: &authorities, proxy: proxy.as_ref() };
        let octets = read(&self.message)?;
        if wsp::Push::read(&octets).is_err() && !matches!(octets.first(), Some(1..=3)) {
            return Err(Fault::unreadable("not WBXML 1.1, 1.2 or 1.3")
                .in_file(&self.message)
                .clause("R9, Sessionless §5.2")
                .next("seal the message first: `mgram seal`"));
        }
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| Fault::refused(format!("cannot start: {error}")))?;
        let deadline = Duration::from_secs(self.deadline);
        let receipt = runtime
            .block_on(dm_transport::send_by(&octets, &address, way, deadline))
            .map_err(|error| Fault::told(Fault::refused, &error.to_string()).at(&address))?;
        reporter.result(
            &json!({
                "to": address.to_string(), "octets": octets.len(), "rung": receipt.rung(),
                "status": receipt.on_screen(), "receipt": receipt.to_string(),
                "does_not_prove": receipt.does_not_prove(), "note": receipt.note(),
            }),
            || {
                let mut text = format!("{} octets to {address}: {receipt}\n", octets.len());
                if let Some(note) = receipt.note() {
                    text += &format!("  note: {note}\n");
                }
                text
            },
        );
        Ok(ExitCode::SUCCESS)
    }

    /// Whether it goes by TLS. Options of SIP belong to an address of SIP.
    fn check_options(&self, address: &Address) -> Result<bool, Fault> {
        let is_sip = matches!(address, Address::Sip(_));
        let is_https = matches!(address, Address::Http(address) if address.is_tls());
        if is_https && self.user.is_none() && self.proxy.is_none() {
            return Ok(true);
        }
        if !is_sip && (self.user.is_some() || self.proxy.is_some() || self.ca.is_some()) {
            return Err(Fault::unreadable(
                "--user and --proxy are of SIP alone, --ca of it and https:",
            )
            .at(format!("--to {:?}", self.to))
            .next("leave them out, or give an address like sip:USER@HOST"));
        }
        let is_tls = is_sip && address.to_string().ends_with(";transport=tls");
        match (is_tls, &self.ca) {
            (true, None) => Err(Fault::unreadable("nobody is named who may vouch for the proxy")
                .at(format!("--to {:?}", self.to))
                .next("give the certificates with --ca FILE")),
            (false, Some(_)) => Err(Fault::unreadable("--ca is of transport=tls alone")
                .at(format!("--to {:?}", self.to))
                .next("write ;transport=tls behind the address, or leave --ca out")),
            _ => Ok(is_tls),
        }
    }

    /// The first line of the file.
    fn password(&self) -> Result<Option<Zeroizing<String>>, Fault> {
        let (Some(user), Some(file)) = (&self.user, &self.password_file) else { return Ok(None) };
        let is_quoted = |c: char| "\"\\<>@".contains(c) || c.is_whitespace() || c.is_control();
        if user.is_empty() || user.contains(is_quoted) {
            return Err(Fault::unreadable("no name of a SIP user")
                .at(format!("--user {user:?}"))
                .next("give the name alone, without its domain"));
        }
        let octets = read_secret(file)?;
        let text = core::str::from_utf8(&octets).ok().and_then(|text| text.lines().next());
        match text {
            Some(line) if !line.is_empty() => Ok(Some(Zeroizing::new(line.to_owned()))),
            _ => Err(Fault::unreadable("no password in its first line")
                .in_file(file)
                .next("write the password as the first line of it")),
        }
    }
}

/// The hash functions of digest.
fn hash(algorithm: Algorithm, octets: &[u8]) -> String {
    let hex = |octets: &[u8]| octets.iter().map(|octet| format!("{octet:02x}")).collect();
    match algorithm {
        Algorithm::Md5 => hex(&dm_crypto::md5(octets)),
        Algorithm::Sha256 => hex(&dm_crypto::sha256(octets)),
    }
}

/// What is wrong with an address, and what to write instead.
fn of_address(option: &str, text: &str, error: AddressError) -> Fault {
    let said = error.to_string();
    let at = said.find([':', ';']).unwrap_or(said.len());
    let (what, next) = said.split_at(at);
    Fault::unreadable(what)
        .at(format!("{option} {text:?}"))
        .next(next.trim_start_matches([':', ';', ' ']))
}
