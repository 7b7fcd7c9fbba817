//! What an access point is reached by: a mobile network, or a WLAN.

use super::section::Sections;
use super::{AccessPoint, Unfit};

const BEARER: [&str; 2] = ["Bearer/BearerType", "BearerType"];
/// Where the nodes of a WLAN may stand: where `dm_mo::Wlan` has them, then where others do.
const WLAN: [&str; 4] = ["BearerParams/WLAN", "Bearer/WLAN", "WLAN", ""];

/// Whether it is a WLAN: its bearer says so, or it says none and has an SSID.
pub(super) fn is_wifi(point: AccessPoint<'_>) -> Result<bool, Unfit> {
    let Some(bearer) = point.one_of(&BEARER)? else { return Ok(of_wlan(point, "SSID")?.is_some()) };
    match bearer.to_ascii_uppercase().as_str() {
        "WLAN" | "WIFI" | "WI-FI" | "802.11" => Ok(true),
        "3GPP-PS" | "GPRS" | "GSM-GPRS" | "EDGE" | "UMTS" | "WCDMA" | "HSPA" | "LTE" | "NR"
        | "5G" => Ok(false),
        _ => Err(point.unfit(&BEARER, "a bearer that no profile is made for")),
    }
}

/// The access point of a mobile network, its name and secret.
pub(super) fn gsm(point: AccessPoint<'_>, sections: &mut Sections) -> Result<(), Unfit> {
    let addr_type = point.value("AddrType")?.unwrap_or_default();
    if !matches!(addr_type.to_ascii_uppercase().as_str(), "" | "APN") {
        return Err(point.unfit(&["AddrType"], "an address that is no APN"));
    }
    let Some(apn) = point.value("Addr")? else {
        return Err(point.unfit(&["Addr"], "Addr is missing: it has the APN"));
    };
    let is_of_apn = |octet: u8| octet.is_ascii_alphanumeric() || b".-_".contains(&octet);
    if !(1..=64).contains(&apn.len()) || !apn.bytes().all(is_of_apn) {
        let why = "an APN is 1 to 64 of letters, digits, '.', '-', '_'";
        return Err(point.unfit(&["Addr"], why));
    }
    sections.begin("gsm");
    sections.set("apn", apn);
    let auth = Auth::of(point)?;
    for (key, value) in [("username", auth.name), ("password", auth.secret)] {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            sections.set(key, value);
        }
    }
    if !auth.refused.is_empty() {
        sections.begin("ppp");
        auth.refused.iter().for_each(|key| sections.set(key, "true"));
    }
    Ok(())
}

/// `AuthInfo`.
struct Auth<'t> {
    name: Option<&'t str>,
    secret: Option<&'t str>,
    /// The methods that the network is not to use.
    refused: &'static [&'static str],
}

impl<'t> Auth<'t> {
    fn of(point: AccessPoint<'t>) -> Result<Self, Unfit> {
        let r#type = point.value("AuthInfo/AuthType")?.unwrap_or_default();
        let refused: &[_] = match r#type.to_ascii_uppercase().as_str() {
            "" | "NONE" => &[],
            "PAP" => &["refuse-eap", "refuse-chap", "refuse-mschap", "refuse-mschapv2"],
            "CHAP" => &["refuse-eap", "refuse-pap", "refuse-mschap", "refuse-mschapv2"],
            _ => return Err(point.unfit(&["AuthInfo/AuthType"], "neither PAP nor CHAP")),
        };
        let name = point.value("AuthInfo/AuthName")?;
        Ok(Self { name, secret: point.value("AuthInfo/AuthSecret")?, refused })
    }
}

/// The name of a WLAN and its key.
pub(super) fn wifi(point: AccessPoint<'_>, sections: &mut Sections) -> Result<(), Unfit> {
    let ssid = of_wlan(point, "SSID")?.unwrap_or_default();
    if !(1..=32).contains(&ssid.len()) {
        let why = "BearerParams/WLAN/SSID is missing, or not 1 to 32 octets";
        return Err(unfit_wlan(point, "SSID", why));
    }
    sections.begin("wifi");
    sections.set_plain("ssid", &ssid_value(ssid));
    sections.set("mode", "infrastructure");
    match of_wlan(point, "Hidden")?.unwrap_or_default() {
        "true" | "1" => sections.set("hidden", "true"),
        "" | "false" | "0" => {}
        _ => return Err(unfit_wlan(point, "Hidden", "neither true nor false")),
    }
    let psk = of_wlan(point, "PSK")?;
    let mode =
        of_wlan(point, "SecMode")?.unwrap_or(if psk.is_some() { "WPA2-PSK" } else { "NONE" });
    let key_mgmt = match mode.to_ascii_uppercase().as_str() {
        "NONE" | "OPEN" => return Ok(()),
        "WPA" | "WPA2" | "WPA-PSK" | "WPA2-PSK" => "wpa-psk",
        "WPA3" | "SAE" | "WPA3-SAE" => "sae",
        _ => return Err(unfit_wlan(point, "SecMode", "none of NONE, WPA-PSK, WPA2-PSK, SAE")),
    };
    let psk = psk.unwrap_or_default();
    let is_hex = psk.len() == 64 && psk.bytes().all(|octet| octet.is_ascii_hexdigit());
    let is_phrase = (8..=63).contains(&psk.len());
    if !(is_hex && key_mgmt == "wpa-psk" || is_phrase || key_mgmt == "sae" && !psk.is_empty()) {
        let why =
            "BearerParams/WLAN/PSK is missing, or not 8 to 63 octets or 64 hexadecimal digits";
        return Err(unfit_wlan(point, "PSK", why));
    }
    sections.begin("wifi-security");
    sections.set("key-mgmt", key_mgmt);
    sections.set("psk", psk);
    Ok(())
}

/// The value of a node of a WLAN, wherever it stands.
fn of_wlan<'t>(point: AccessPoint<'t>, name: &str) -> Result<Option<&'t str>, Unfit> {
    point.one_of(&places(name).each_ref().map(String::as_str))
}

fn unfit_wlan(point: AccessPoint<'_>, name: &str, why: &'static str) -> Unfit {
    point.unfit(&places(name).each_ref().map(String::as_str), why)
}

fn places(name: &str) -> [String; 4] {
    WLAN.map(|above| if above.is_empty() { name.to_owned() } else { format!("{above}/{name}") })
}

/// An SSID is octets: as text only where nothing in it could be read otherwise, else as their list.
fn ssid_value(ssid: &str) -> String {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || b"-_.".contains(&octet);
    let has_letter = ssid.bytes().any(|octet| octet.is_ascii_alphabetic());
    if has_letter && ssid.bytes().all(is_plain) {
        return ssid.to_owned();
    }
    ssid.bytes().map(|octet| format!("{octet};")).collect()
}
