//! From the view of `dm-mo` to the profile.

use dm_mo::{Auth, Bearer, Ip, Nap, Secret, Wlan};
use dm_tnds::MgmtTree;
use dm_tree::{Rules, Transaction};

use super::*;

/// The profile of an access point that a view wrote into a tree; NetworkManager reads it, too.
fn profile(nap: &Nap) -> Result<String, Unfit> {
    let (mut tree, rules) = (Tree::new(), Rules::default());
    let mut transaction = Transaction::local(&mut tree, &rules);
    let object = MgmtTree::new(vec![nap.to_tnds("Home")]);
    transaction.add_object(&Uri::parse("./NAP").unwrap(), &object).unwrap();
    let _ = transaction.commit(None);
    let files = keyfiles(&tree, &[Uri::parse("./NAP").unwrap()]);
    let [(_, file)] = &files[..] else { panic!("{files:?}") };
    let text = file.clone()?.text;
    if let Some(read) = read_by_network_manager(&text) {
        for line in text.lines().filter(|line| !line.is_empty()) {
            assert!(read.contains(line), "{line}: {read}");
        }
    }
    Ok(text)
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn wlan(sec_mode: Option<&str>, psk: Option<&str>) -> Nap {
    let (sec_mode, psk) = (sec_mode.map(str::to_owned), psk.map(|psk| Secret(psk.to_owned())));
    let wlan = Wlan { ssid: "Site-7".into(), sec_mode, psk, ..Wlan::default() };
    Nap { bearer: Some(Bearer::Wlan(wlan)), ..Nap::default() }
}

#[test]
fn a_mobile_network_of_the_view_with_all_that_a_profile_takes() {
    let auth = Auth {
        auth_type: text("PAP"),
        auth_name: text("u"),
        auth_secret: Some(Secret("s".into())),
        ..Auth::default()
    };
    let nap = Nap {
        nap_id: text("n"),
        name: text("Operator"),
        addr: text("internet"),
        addr_type: text("APN"),
        auth: Some(auth),
        linger: Some(30),
        bearer: Some(Bearer::Ps3gpp),
        ..Nap::default()
    };
    let expected = format!(
        "[connection]\nid=Operator\nuuid={UUID}\ntype=gsm\n\n[gsm]\napn=internet\nusername=u\n\
         password=s\n\n[ppp]\nrefuse-eap=true\nrefuse-chap=true\nrefuse-mschap=true\n\
         refuse-mschapv2=true\n{AUTO}"
    );
    assert_eq!(profile(&nap), Ok(expected.clone()));
    assert_eq!(profile(&Nap { bearer: None, ..nap.clone() }), Ok(expected.clone()));
    let lte = Some(Bearer::Other("LTE".into()));
    assert_eq!(profile(&Nap { bearer: lte, ..nap.clone() }), Ok(expected));
    let modem = Some(Bearer::Other("ANALOG-MODEM".into()));
    let unfit = profile(&Nap { bearer: modem, ..nap }).unwrap_err();
    assert_eq!(unfit.uri.as_str(), "./NAP/Home/Bearer/BearerType");
}

#[test]
fn a_wlan_of_the_view() {
    let head = format!(
        "[connection]\nid=Home\nuuid={UUID}\ntype=wifi\n\n[wifi]\nssid=Site-7\n\
         mode=infrastructure\n"
    );
    for (sec_mode, psk, security) in [
        (None, None, ""),
        (Some("OPEN"), None, ""),
        (None, Some("correct horse"), "\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=correct horse\n"),
        (
            Some("WPA2-PSK"),
            Some("correct horse"),
            "\n[wifi-security]\nkey-mgmt=wpa-psk\npsk=correct horse\n",
        ),
        (Some("WPA3-SAE"), Some("horse"), "\n[wifi-security]\nkey-mgmt=sae\npsk=horse\n"),
    ] {
        assert_eq!(profile(&wlan(sec_mode, psk)), Ok(format!("{head}{security}{AUTO}")));
    }
    let Nap { bearer: Some(Bearer::Wlan(mut hidden)), .. } = wlan(None, None) else { panic!() };
    hidden.hidden = Some(true);
    let nap = Nap { bearer: Some(Bearer::Wlan(hidden)), ..Nap::default() };
    assert_eq!(profile(&nap), Ok(format!("{head}hidden=true\n{AUTO}")));
}

#[test]
fn addresses_of_the_view() {
    let nap = Nap {
        ipv4: Some(Ip {
            auto_config: Some(false),
            local_addr: text("10.1.2.3"),
            mask: text("255.255.254.0"),
            gateway: text("10.1.2.1"),
            dns: vec!["192.0.2.53".into(), "192.0.2.54".into()],
        }),
        ipv6: Some(Ip {
            auto_config: Some(false),
            local_addr: text("2001:db8::7"),
            mask: text("56"),
            gateway: text("2001:db8::1"),
            dns: vec!["2001:db8::53".into()],
        }),
        ..wlan(None, None)
    };
    let expected = "\n[ipv4]\nmethod=manual\naddress1=10.1.2.3/23,10.1.2.1\n\
                    dns=192.0.2.53;192.0.2.54;\n\n[ipv6]\nmethod=manual\n\
                    address1=2001:db8::7/56,2001:db8::1\ndns=2001:db8::53;\n";
    let made = profile(&nap).unwrap();
    assert!(made.ends_with(expected), "{made}");
    let (ipv4, ipv6) = (nap.ipv4.clone().unwrap(), nap.ipv6.clone().unwrap());
    for (changed, expected) in [
        (
            Nap { ipv6: Some(Ip { mask: None, ..ipv6.clone() }), ..nap.clone() },
            "address1=2001:db8::7/64,2001:db8::1\n",
        ),
        (
            Nap { ipv4: Some(Ip { auto_config: Some(true), ..ipv4.clone() }), ..nap.clone() },
            "[ipv4]\nmethod=auto\ndns=192.0.2.53;192.0.2.54;\n",
        ),
        (
            Nap { ipv6: Some(Ip { auto_config: Some(true), ..ipv6 }), ..nap.clone() },
            "[ipv6]\nmethod=auto\ndns=2001:db8::53;\n",
        ),
        (
            Nap {
                ipv4: Some(Ip { gateway: None, auto_config: None, ..ipv4.clone() }),
                ..nap.clone()
            },
            "method=manual\naddress1=10.1.2.3/23\n",
        ),
    ] {
        let made = profile(&changed).unwrap();
        assert!(made.contains(expected), "{expected}: {made}");
    }
    let unfit = profile(&Nap { ipv4: Some(Ip { mask: None, ..ipv4 }), ..nap }).unwrap_err();
    assert_eq!(unfit.uri.as_str(), "./NAP/Home/IPv4");
    assert!(unfit.why.contains("NetMask"), "{}", unfit.why);
}
