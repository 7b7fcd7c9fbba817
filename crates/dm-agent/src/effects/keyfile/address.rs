//! The addresses of a connection: given by the network, or by the tree.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::section::Sections;
use super::{AccessPoint, Unfit, value};

/// `IPv4`: automatic, unless there is an address.
pub(super) fn ipv4(point: AccessPoint<'_>, sections: &mut Sections) -> Result<(), Unfit> {
    sections.begin("ipv4");
    if is_automatic(point, "IPv4")? {
        sections.set("method", "auto");
    } else {
        let address = parsed::<Ipv4Addr>(point, "IPv4/LocalAddr")?
            .ok_or_else(|| point.unfit(&["IPv4/LocalAddr"], "LocalAddr is missing"))?;
        let mask = parsed::<Ipv4Addr>(point, "IPv4/NetMask")?
            .ok_or_else(|| point.unfit(&["IPv4/NetMask"], "NetMask is missing beside LocalAddr"))?;
        let mask = u32::from(mask);
        if mask.leading_ones() + mask.trailing_zeros() != 32 {
            return Err(point.unfit(&["IPv4/NetMask"], "no mask of a network"));
        }
        let gateway = parsed::<Ipv4Addr>(point, "IPv4/Gateway")?;
        let gateway = gateway.map(|gateway| format!(",{gateway}")).unwrap_or_default();
        sections.set("method", "manual");
        sections.set("address1", &format!("{address}/{}{gateway}", mask.leading_ones()));
    }
    dns::<Ipv4Addr>(point, "IPv4/DNS", sections)
}

/// `IPv6`: automatic, unless there is an address.
pub(super) fn ipv6(point: AccessPoint<'_>, sections: &mut Sections) -> Result<(), Unfit> {
    sections.begin("ipv6");
    if is_automatic(point, "IPv6")? {
        sections.set("method", "auto");
    } else {
        let text = point.value("IPv6/LocalAddr")?.filter(|text| !text.is_empty());
        let text = text.ok_or_else(|| point.unfit(&["IPv6/LocalAddr"], "LocalAddr is missing"))?;
        let (address, own) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let wrong = || point.unfit(&["IPv6/LocalAddr"], NO_ADDRESS);
        let address = address.parse::<Ipv6Addr>().map_err(|_| wrong())?;
        let own = own.map(|text| prefix(text).ok_or_else(wrong)).transpose()?;
        let prefix = prefix_of(point, own)?;
        let gateway = parsed::<Ipv6Addr>(point, "IPv6/Gateway")?;
        let gateway = gateway.map(|gateway| format!(",{gateway}")).unwrap_or_default();
        sections.set("method", "manual");
        sections.set("address1", &format!("{address}/{prefix}{gateway}"));
    }
    dns::<Ipv6Addr>(point, "IPv6/DNS", sections)
}

/// `PrefixLen`, or what the address says itself; without both, that of a link: 64. [RFC 4291 §2.5.4]
fn prefix_of(point: AccessPoint<'_>, own: Option<u8>) -> Result<u8, Unfit> {
    let wrong = |why| point.unfit(&["IPv6/PrefixLen"], why);
    let text = point.value("IPv6/PrefixLen")?.filter(|text| !text.is_empty());
    let Some(text) = text else { return Ok(own.unwrap_or(64)) };
    let length = prefix(text).ok_or_else(|| wrong("a length is 0 to 128"))?;
    match own {
        Some(own) if own != length => Err(wrong("LocalAddr has another length of its prefix")),
        _ => Ok(length),
    }
}

fn prefix(text: &str) -> Option<u8> {
    text.parse().ok().filter(|length| *length <= 128)
}

fn is_automatic(point: AccessPoint<'_>, family: &str) -> Result<bool, Unfit> {
    let path = format!("{family}/AutoConfig");
    match point.value(&path)?.unwrap_or_default() {
        "true" | "1" => Ok(true),
        "false" | "0" => Ok(false),
        "" => {
            let address = point.value(&format!("{family}/LocalAddr"))?;
            Ok(address.unwrap_or_default().is_empty())
        }
        _ => Err(point.unfit(&[&path], "neither true nor false")),
    }
}

/// `DNS/<x>/DNSAddr`.
fn dns<A: std::str::FromStr + std::fmt::Display>(
    point: AccessPoint<'_>,
    path: &str,
    sections: &mut Sections,
) -> Result<(), Unfit> {
    let mut all = String::new();
    let Some(servers) = point.below(path) else { return Ok(()) };
    for (server, _) in point.tree.children(&servers) {
        let Ok(uri) = server.join("DNSAddr") else { continue };
        if let Some(text) = value(point.tree, &uri)?.filter(|text| !text.is_empty()) {
            let address = text.parse::<A>().map_err(|_| Unfit { uri, why: NO_ADDRESS })?;
            all.push_str(&format!("{address};"));
        }
    }
    if !all.is_empty() {
        sections.set("dns", &all);
    }
    Ok(())
}

fn parsed<A: std::str::FromStr>(point: AccessPoint<'_>, path: &str) -> Result<Option<A>, Unfit> {
    let text = point.value(path)?.filter(|text| !text.is_empty());
    text.map(|text| text.parse().map_err(|_| point.unfit(&[path], NO_ADDRESS))).transpose()
}

const NO_ADDRESS: &str = "no address of this protocol";
