//! The programs that tests use as peers: implementations that nobody here wrote.
//!
//! A test that checks our octets against our own decoder proves little; these are the others.
//! All of them are Debian packages, as is the library that is measured against. Where we may (as root, or with `sudo` that does not ask)
//! what is missing is installed; elsewhere the tests that need it say that they were skipped.

use crate::outcome::Outcome;
use crate::process;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Finds the peers, installs what is missing where that is allowed, and says what is left.
pub fn check() -> Outcome {
    let all = || NEEDS.iter().chain(MEASURED_AGAINST);
    let missing = || all().filter(|need| need.place().is_none()).collect::<Vec<_>>();
    let mut absent = missing();
    if !absent.is_empty() && install(&packages(&absent)) {
        absent = missing();
    }
    for need in all() {
        let Need { package, purpose, .. } = need;
        let place = need.place().map_or_else(
            || format!("missing (apt-get install {package}); skipped without it: {purpose}"),
            |path| path.display().to_string(),
        );
        println!("{:10} {place}", need.name());
    }
    if absent.is_empty() {
        Outcome::passed(format!("all {} peers are here", all().count()))
    } else {
        let names: Vec<_> = absent.iter().map(|need| need.name()).collect();
        Outcome::Skipped(format!("not here: {}", names.join(", ")))
    }
}

/// Whether every peer of a test is here. Tests are told, so that none is skipped by mistake.
pub fn complete() -> bool {
    NEEDS.iter().all(|need| need.place().is_some())
}

fn packages(needs: &[&Need]) -> Vec<&'static str> {
    let mut names: Vec<_> = needs.iter().map(|need| need.package).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// The first file of that name on the search path, or among the servers, as the tests look for it.
fn find(binary: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let folders = env::split_paths(&path).chain(["/usr/sbin".into()]);
    folders.map(|folder| folder.join(binary)).find(|file| file.is_file())
}

/// Where a library is described, which comes with its headers.
fn library(name: &str) -> Option<PathBuf> {
    let mut command = process::program(find("pkg-config")?, Path::new("/"));
    let output = command.args(["--variable=pcfiledir", name]).output().ok()?;
    let folder = String::from_utf8(output.stdout).ok().filter(|_| output.status.success())?;
    Some(Path::new(folder.trim()).join(format!("{name}.pc")))
}

/// A part of a program that it loads by itself.
fn module(name: &str) -> Option<PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?;
    let folders = folders.filter_map(|entry| Some(entry.ok()?.path()));
    folders.chain(["/usr/lib".into()]).map(|folder| folder.join(name)).find(|file| file.is_file())
}

/// Installs the packages; when they do not go together, one by one. Whether it was tried.
fn install(packages: &[&str]) -> bool {
    if find("apt-get").is_none() {
        return false;
    }
    let Some(privilege) = privilege() else {
        println!("peers are missing, and installing them is not ours to do here");
        return false;
    };
    process::succeeds(apt_get(privilege).arg("update"));
    let install = |names: &[&str]| {
        let mut command = apt_get(privilege);
        process::succeeds(command.args(["install", "-y", "--no-install-recommends"]).args(names))
    };
    if !install(packages) && packages.len() > 1 {
        for package in packages {
            install(&[package]);
        }
    }
    true
}

/// What to put before a command that changes the machine; nothing when we are root already.
fn privilege() -> Option<&'static [&'static str]> {
    let is_root = Command::new("id").arg("-u").output().is_ok_and(|id| id.stdout == b"0\n");
    if is_root {
        return Some(&[]);
    }
    let without_asking = &["sudo", "-n"];
    process::succeeds_quietly(Command::new("sudo").args(["-n", "true"])).then_some(without_asking)
}

fn apt_get(privilege: &[&str]) -> Command {
    let words = [privilege, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"]].concat();
    let options = ["-qq", "-o", "Dpkg::Use-Pty=0", "-o", "DPkg::Lock::Timeout=120"];
    let network = ["-o", "Acquire::Retries=1", "-o", "Acquire::http::Timeout=30"];
    let mut command = process::program(words[0], Path::new("/"));
    command.args(&words[1..]).args(options).args(network);
    command
}

/// Something of others that we use.
struct Need {
    thing: Thing,
    package: &'static str,
    purpose: &'static str,
}

enum Thing {
    /// Found on the search path.
    Program(&'static str),
    /// Found by pkg-config.
    Library(&'static str),
    /// Found below a folder of `/usr/lib`, or that of an architecture in it.
    Module(&'static str),
}

impl Need {
    fn name(&self) -> &'static str {
        match self.thing {
            Thing::Program(name) | Thing::Library(name) | Thing::Module(name) => name,
        }
    }

    fn place(&self) -> Option<PathBuf> {
        match self.thing {
            Thing::Program(name) => find(name),
            Thing::Library(name) => library(name),
            Thing::Module(name) => module(name),
        }
    }
}

const NEEDS: &[Need] = &[
    Need {
        thing: Thing::Program("xmlsec1"),
        package: "xmlsec1",
        purpose: "signatures checked, and made, by another implementation",
    },
    Need {
        thing: Thing::Program("tshark"),
        package: "tshark",
        purpose: "our WBXML and WSP octets read by a dissector",
    },
    Need {
        thing: Thing::Program("text2pcap"),
        package: "tshark",
        purpose: "the captures that the dissector reads",
    },
    Need {
        thing: Thing::Program("xml2wbxml"),
        package: "libwbxml2-utils",
        purpose: "WBXML of unsigned messages written by another encoder",
    },
    Need {
        thing: Thing::Program("xmllint"),
        package: "libxml2-utils",
        purpose: "the canonical form of XML text by another implementation",
    },
    Need {
        thing: Thing::Program("openssl"),
        package: "openssl",
        purpose: "keys and certificates made by another program",
    },
    Need {
        thing: Thing::Program("softhsm2-util"),
        package: "softhsm2",
        purpose: "signatures made by a token, through PKCS#11",
    },
    Need {
        thing: Thing::Program("dbus-daemon"),
        package: "dbus",
        purpose: "a message bus for services that have modems",
    },
    Need {
        thing: Thing::Program("ofonod"),
        package: "ofono",
        purpose: "short messages joined by another program's stack",
    },
    Need {
        thing: Thing::Program("ModemManager"),
        package: "modemmanager",
        purpose: "short messages from another program's modems",
    },
    Need {
        thing: Thing::Program("nmcli"),
        package: "network-manager",
        purpose: "profiles of access points read by NetworkManager",
    },
    Need {
        thing: Thing::Program("mosquitto"),
        package: "mosquitto",
        purpose: "messages through a broker of MQTT",
    },
    Need {
        thing: Thing::Program("mosquitto_pub"),
        package: "mosquitto-clients",
        purpose: "the same from another sender",
    },
    Need {
        thing: Thing::Program("nginx"),
        package: "nginx-light",
        purpose: "pushes through a proxy that ends TLS",
    },
    Need {
        thing: Thing::Program("curl"),
        package: "curl",
        purpose: "pushes over TLS from another sender",
    },
    Need {
        thing: Thing::Program("bearerbox"),
        package: "kannel",
        purpose: "pushes through a push proxy gateway",
    },
    Need {
        thing: Thing::Program("kamailio"),
        package: "kamailio",
        purpose: "pushes by SIP through a registrar and proxy",
    },
    Need {
        thing: Thing::Module("kamailio/modules/tls.so"),
        package: "kamailio-tls-modules",
        purpose: "the same over TLS",
    },
    Need {
        thing: Thing::Program("sipp"),
        package: "sip-tester",
        purpose: "pushes by SIP from another sender",
    },
    Need {
        thing: Thing::Program("debootstrap"),
        package: "debootstrap",
        purpose: "the package installed in a clean root",
    },
    Need {
        thing: Thing::Program("systemd-analyze"),
        package: "systemd",
        purpose: "the unit of the agent looked at by systemd",
    },
    Need {
        thing: Thing::Program("python3"),
        package: "python3",
        purpose: "small peers written in Python",
    },
];

/// What `cargo xtask bench --peers` needs.
const MEASURED_AGAINST: &[Need] = &[
    Need {
        thing: Thing::Program("pkg-config"),
        package: "pkgconf",
        purpose: "finding the library that is measured against",
    },
    Need {
        thing: Thing::Library("libwbxml2"),
        package: "libwbxml2-dev",
        purpose: "our conversions measured beside another library",
    },
];

#[cfg(test)]
mod tests;
