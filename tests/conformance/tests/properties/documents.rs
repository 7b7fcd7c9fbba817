//! Round trips of generated documents.

use conformance::{Speller, Style, alpha, infoset, seal_text};
use dm_crypto::AwsLc;
use dm_seal::{Pin, Trust, seal, verify};
use dm_syncml::MetaRule;
use dm_syncml::wbxml::{self, Spelling, Spellings};
use dm_wbxml::Version;
use dm_xml::{Limits, canonical, parse};
use proptest::prelude::*;

use crate::cases;
use crate::strategy::{message, private_tree, tree};

fn version() -> impl Strategy<Value = Version> {
    prop_oneof![Just(Version::V1_1), Just(Version::V1_2), Just(Version::V1_3)]
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn decoding_what_was_encoded_is_the_same_infoset(tree in tree(), version in version()) {
        let document = tree.document();
        let text = canonical::text(&document);
        let octets = wbxml::encode(&document, version).unwrap();
        prop_assert_eq!(octets[0], version.octet());
        prop_assert_eq!(&infoset(&octets).unwrap(), &text);
        // And again, from what was read: the same octets.
        let limits = Limits::default();
        let source = wbxml::open(&octets, &limits).unwrap();
        let read = wbxml::decode(&source, &limits).unwrap();
        prop_assert_eq!(wbxml::encode(&read, version).unwrap(), octets);
    }

    #[test]
    fn every_spelling_is_the_same_infoset(
        tree in tree(),
        style in proptest::sample::select(Style::ALL.to_vec()),
        (switches, declares, octets) in any::<(bool, bool, bool)>(),
    ) {
        let text = canonical::text(&tree.document());
        let speller = Speller { style, switches, declares, octets, ..Speller::default() };
        prop_assert_eq!(infoset(&speller.spell(&text)).unwrap(), text);
    }

    #[test]
    fn a_respelled_document_is_the_same_infoset(tree in private_tree(), version in version()) {
        let document = tree.document();
        let text = canonical::text(&document);
        let mut interop = None;
        let mut octets = wbxml::encode(&document, version).unwrap();
        use Spelling::{Compact, Interop, Shortest};
        for spelling in [Compact, Interop, Shortest, Interop, Compact, Shortest, Interop] {
            let limits = Limits::default();
            let source = wbxml::open_spelled(&octets, Spellings::Any, &limits).unwrap();
            let read = wbxml::decode(&source, &limits).unwrap();
            prop_assert_eq!(canonical::text(&read), &text[..]);
            let encoder = wbxml::encoder_spelled(&read, spelling).version(version);
            let respelled = encoder.encode(&read, MetaRule::default()).unwrap();
            let length = encoder.encoded_len(&read, MetaRule::default()).unwrap();
            prop_assert_eq!(length, respelled.len());
            // One infoset, one spelling by our writer, whichever it was read from.
            if spelling == Interop {
                prop_assert_eq!(&respelled, interop.get_or_insert_with(|| respelled.clone()));
            }
            octets = respelled;
        }
    }

    #[test]
    fn the_canonical_form_is_a_fixed_point(tree in tree()) {
        let text = canonical::text(&tree.document());
        let document = parse(text.as_bytes(), &Limits::default()).unwrap();
        prop_assert_eq!(canonical::text(&document), text);
    }
}

proptest! {
    #![proptest_config(cases(60))]

    #[test]
    fn what_is_sealed_opens_after_it_travelled(message in message(), version in version()) {
        let server = alpha();
        let sealed = seal(message.document(), server.key_name, &*server.key, &AwsLc).unwrap();
        let octets = wbxml::encode(&sealed, version).unwrap();
        let limits = Limits::default();
        let source = wbxml::open(&octets, &limits).unwrap();
        let read = wbxml::decode(&source, &limits).unwrap();
        let pins = [Pin::new(server.key_name, &server.material, &AwsLc).unwrap()];
        let trust = Trust::pinned(server.id, &pins);
        let opened = verify(read, &trust, &AwsLc).unwrap();
        prop_assert_eq!(opened.key_name(), server.key_name);
        prop_assert_eq!(canonical::text(opened.get()), canonical::text(&sealed));
    }

    #[test]
    fn what_was_changed_does_not_open(message in message(), at in any::<prop::sample::Index>()) {
        // One character more, somewhere in front of the signature, in any text that there is.
        let server = alpha();
        let sealed = seal_text(&canonical::text(&message.document()), server);
        let signature = sealed.rfind("<Signature ").unwrap();
        let places: Vec<usize> =
            sealed[..signature].match_indices('>').map(|(place, _)| place + 1).collect();
        let place = places[at.index(places.len())];
        let changed = format!("{}.{}", &sealed[..place], &sealed[place..]);
        let document = parse(changed.as_bytes(), &Limits::default()).unwrap();
        let pins = [Pin::new(server.key_name, &server.material, &AwsLc).unwrap()];
        let trust = Trust::pinned(server.id, &pins);
        prop_assert!(verify(document, &trust, &AwsLc).is_err());
    }
}
