//! tshark's table of provisioning documents and ours. It knows SyncML messages, for which see
//! `dissector`, and none of the other languages.

use std::collections::BTreeMap;

use dm_prov::PROV;

use crate::dissector::{captured, tshark};
use crate::peer;
use crate::program::output;

/// Where tshark says something else, or nothing; `docs/code-pages.md` tells who says what.
const OTHER: [(u8, u8, Option<&str>); 12] = [
    (0, 0xB9, Some("'CDMA2000-IX-SIMPLE-IP'")),
    (0, 0xBA, Some("'CDMA2000-IX-MOBILE-IP'")),
    (0, 0xE0, None),
    (0, 0xE1, None),
    (1, 0x05, None),
    (1, 0x06, None),
    (1, 0x90, None),
    (1, 0x91, None),
    (1, 0x92, None),
    (1, 0x93, None),
    (1, 0xE0, Some("'AAA'")),
    (1, 0xE1, Some("'HA'")),
];

/// What tshark shows for a token that it does not know.
const NAMELESS: &str = "(Requested token not defined for this content type)";

#[test]
fn tshark_shows_each_attribute_token_as_we_do() {
    if !peer::all_here(&["tshark", "text2pcap"]) {
        return;
    }
    let folder = tempfile::tempdir().expect("a folder");
    let (mut found, mut wanted) = (BTreeMap::new(), BTreeMap::new());
    for page in PROV.attributes {
        // A push of a document: identifier, type, one header, its media type in short form.
        let mut push = b"\x00\x06\x01\xB6\x02\x0B\x6A\x00\x45".to_vec();
        let all = (0x05..=0xFF_u8).filter(|token| token & 0x3F > 0x04);
        for token in all {
            push.extend([0x87, 0x00, page.number()]);
            push.extend(if token < 0x80 { vec![token] } else { vec![0x06, token] });
            push.push(0x01);
        }
        push.push(0x01);
        let table = output(tshark(&captured(&push, folder.path())).arg("-V"));
        found.extend(table.lines().filter_map(|line| shown(line, page.number())));

        let starts = page.starts().map(|(token, name, value)| match value {
            "" => (token, format!("{name}=")),
            value => (token, format!("{name}='{value}'")),
        });
        let values = page.values().map(|(token, text)| (token, format!("'{text}'")));
        wanted.extend(starts.chain(values).map(|(token, text)| ((page.number(), token), text)));
    }
    for (page, token, text) in OTHER {
        match text {
            Some(text) => wanted.insert((page, token), text.to_owned()),
            None => wanted.remove(&(page, token)),
        };
    }
    assert_eq!(found, wanted);
    eprintln!("{} attribute tokens are shown alike, {} set aside", found.len(), OTHER.len());
}

/// Page, token and rendering of a row about a known attribute or value.
fn shown(line: &str, page: u8) -> Option<((u8, u8), String)> {
    let columns: Vec<&str> = line.splitn(5, '|').map(str::trim).collect();
    let &[_, "Attr", _, token, rendering] = columns.as_slice() else { return None };
    let rendering = rendering.trim_end_matches('|').trim();
    let (hex, values) = match token.strip_prefix("Known attrStart 0x") {
        Some(hex) => (hex, 0),
        None => (token.strip_prefix("Known attrValue 0x")?, 0x80),
    };
    // It shows the token of a value without the bit that makes it one.
    let token = u8::from_str_radix(hex, 16).expect("a token") | values;
    (rendering != NAMELESS).then(|| ((page, token), rendering.to_owned()))
}
