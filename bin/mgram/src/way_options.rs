//! Options of who carries a message, and how: URLs, or routes of a file.

use std::path::PathBuf;

use clap::Args;
use dm_transport::{
    Address, AddressError, ClientTls, Direct, DirectError, Routes, RoutesError, Secret,
};

use crate::document::of_io;
use crate::fault::Fault;

/// Who carries messages.
#[derive(Args, Debug)]
pub struct WayOptions {
    /// A file of routes, in TOML; then an address is NAME=ADDRESS, with the name of one of them:
    /// sms=tel:+NUMBER, poll=poll:DEVICE.
    #[arg(long, value_name = "FILE")]
    routes: Option<PathBuf>,
    #[command(flatten)]
    direct: DirectOptions,
}

/// What stands beside a URL.
#[derive(Args, Debug)]
struct DirectOptions {
    /// Who sends, where a SIP proxy, an SMS centre (`system_id`), a push gateway or a broker asks for it.
    #[arg(long, conflicts_with = "routes", value_name = "NAME")]
    user: Option<String>,
    /// The file of that user's password: its first line.
    #[arg(long, requires = "user", value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// The SIP proxy to send to, if it is not the host of the address.
    #[arg(long, conflicts_with = "routes", value_name = "HOST[:PORT]")]
    proxy: Option<String>,
    /// Certificates in PEM of who may vouch for the other end, instead of those that this system trusts.
    #[arg(long, conflicts_with = "routes", value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Our own certificate in PEM, for mutual TLS.
    #[arg(long, requires = "client_key", conflicts_with = "routes", value_name = "FILE")]
    client_cert: Option<PathBuf>,
    /// Its key in PEM, not encrypted.
    #[arg(long, requires = "client_cert", value_name = "FILE")]
    client_key: Option<PathBuf>,
    /// Go a way that nothing protects beside the message's own signature (R16); a file of routes says that
    /// of each route.
    #[arg(long, conflicts_with = "routes")]
    danger_unprotected: bool,
}

/// One way: the name of a route, and the device's address on it.
pub type Way = (String, Address);

impl WayOptions {
    /// The routes of these addresses, and the ways over them.
    pub fn ways(&self, to: &[String]) -> Result<(Routes, Vec<Way>), Fault> {
        let Some(path) = &self.routes else { return self.direct.ways(to) };
        let routes = Routes::read(path).map_err(|error| of_routes(&error))?;
        let ways: Vec<Way> = to.iter().map(|text| named(text)).collect::<Result<_, _>>()?;
        let mut names: Vec<String> = ways.iter().map(|(name, _)| name.clone()).collect();
        names.sort();
        names.dedup();
        let routes = routes.only(&names).map_err(|error| of_routes(&error))?;
        Ok((routes, ways))
    }
}

impl DirectOptions {
    fn ways(&self, to: &[String]) -> Result<(Routes, Vec<Way>), Fault> {
        if let Some(user) = self.user.as_ref().filter(|it| !dm_transport::is_user_name(it)) {
            return Err(Fault::unreadable("no name of a user")
                .at(format!("--user {user:?}"))
                .next("give the name alone, without its domain"));
        }
        let with = Direct {
            tls: ClientTls {
                ca: self.ca.clone(),
                certificate: self.client_cert.clone(),
                key: self.client_key.clone(),
            },
            user: self.user.clone(),
            password: self.password_file.clone().map(Secret::File),
            proxy: self.proxy.clone(),
            danger_unprotected: self.danger_unprotected,
        };
        Routes::direct(to, &with).map_err(|error| match error {
            DirectError::Address { url, source } => of_address("--to", &url, source),
            DirectError::Unprotected { .. } => told(&error).clause("R16"),
            _ => told(&error),
        })
    }
}

/// `NAME=ADDRESS`.
pub fn named(text: &str) -> Result<Way, Fault> {
    let wrong = || {
        Fault::unreadable("with --routes, an address begins with the name of its route")
            .at(format!("--to {:?}", dm_transport::without_password(text)))
            .next("write NAME=ADDRESS, for example sms=tel:+358401234567")
    };
    let (name, address) = text.split_once('=').ok_or_else(wrong)?;
    let address = address.parse().map_err(|error| of_address("--to", text, error))?;
    Ok((name.to_owned(), address))
}

/// Routes that cannot be used.
pub fn of_routes(error: &RoutesError) -> Fault {
    match error {
        RoutesError::Read { path, source } => {
            of_io(Fault::unreadable, "read", source).in_file(path)
        }
        RoutesError::Text { path, line, column, message } => Fault::unreadable(message)
            .at(format!("{}:{line}:{column}", path.display()))
            .next("correct it there; docs/push.md shows a file of routes"),
        RoutesError::Route { path, name, message } => {
            split(message, &format!("{}: route {name:?}", path.display()))
        }
        RoutesError::Unknown { name, there } => {
            let fault = Fault::unreadable(format!("there is no route {name:?}"));
            match &**there {
                [] => fault.next("add it to the file, which has no route"),
                names => fault.next(format!("take one of those in the file: {}", names.join(", "))),
            }
        }
        RoutesError::Setup { name, source } => Fault::told(Fault::unreadable, &source.to_string())
            .at(format!("route {name:?}"))
            .or_next("correct the route in its file"),
        error => Fault::unreadable(error),
    }
}

fn told(error: &dyn std::error::Error) -> Fault {
    split(&error.to_string(), "")
}

/// What is wrong with an address, and what to write instead.
fn of_address(option: &str, text: &str, error: AddressError) -> Fault {
    let shown = dm_transport::without_password(text);
    let (said, place) = (error.to_string(), format!("{option} {shown:?}"));
    match said.rsplit_once(" at octet ") {
        Some((said, octet)) => split(said, &format!("{place}, octet {octet}")),
        None => split(&said, &place),
    }
}

/// A sentence that tells behind its first colon or semicolon what to do.
fn split(said: &str, place: &str) -> Fault {
    let at = [said.find("; "), said.find(": ")].into_iter().flatten().min();
    let (what, next) = said.split_at(at.unwrap_or(said.len()));
    let fault = Fault::unreadable(what);
    let fault = if place.is_empty() { fault } else { fault.at(place) };
    match next.trim_start_matches([':', ';', ' ']) {
        "" => fault,
        next => fault.next(next),
    }
}
