//! The lenient reader of WBXML, against the strict one.

use dm_syncml::{MetaRule, tables};
use dm_wbxml::{Encoder, Error, ErrorKind, Languages, Source, Strings, Token, Tokens, Vocabulary};
use dm_xml::character::forbidden;
use dm_xml::{Document, Lenient, Limits, canonical};

use crate::wbxml_strict::names;

/// Every language that there is.
static LANGUAGES: Languages = Languages { known: &KNOWN, foreign: &[] };

static KNOWN: [&Vocabulary; 11] = [
    tables::ALL[0],
    tables::ALL[1],
    tables::ALL[2],
    tables::ALL[3],
    tables::ALL[4],
    tables::ALL[5],
    tables::ALL[6],
    tables::ALL[7],
    tables::ALL[8],
    tables::ALL[9],
    &dm_prov::PROV,
];

/// Any octets.
///
/// # Panics
/// When the strict reader ends with another error than what the lenient one met first, or either
/// reads what the other does not; when a deviation is not at a token; when what is shown is no
/// XML, or is written as something else; when the lens passes over an octet.
pub fn check(octets: &[u8]) {
    let limits = Limits::default();
    let mut met = Lenient::default();
    let opened = Source::new_lenient(octets, &LANGUAGES, &limits, &mut met);
    let head = met.deviations().len();
    let source = match opened {
        Ok(source) => source,
        Err(error) => {
            let strict = Source::new(octets, &LANGUAGES, &limits).err();
            return assert_eq!(strict, Some(first(&met).unwrap_or(error)));
        }
    };
    let starts = lens(octets, source.tokens());
    let read = source.decode(MetaRule::default(), &limits, &mut met);
    placed(&met.deviations()[head..], &starts);
    assert!(met.deviations()[..head].iter().all(|met| met.offset <= starts[0]));

    let expected = first(&met).or_else(|| read.as_ref().err().copied());
    let strict = Source::new(octets, &LANGUAGES, &limits);
    let decoded = strict.as_ref().map_err(|error| *error);
    let decoded = decoded.and_then(|source| source.decode(MetaRule::default(), &limits));
    assert_eq!(decoded.as_ref().err().copied(), expected, "the strict reader ends there");
    let Ok(document) = read else { return };
    if let Ok(strict) = decoded {
        assert_eq!(canonical::text(&strict), canonical::text(&document));
    }
    shown(&document);
    for strings in [Strings::Fewest, Strings::Inline] {
        written(&document, Encoder::new(source.vocabulary()).strings(strings));
    }
}

/// The first deviation that the strict reader does not let pass.
fn first(met: &Lenient<Error>) -> Option<Error> {
    let refused = |met: &&Error| met.kind != ErrorKind::StringTableEnd;
    met.deviations().iter().find(refused).copied()
}

/// Walks over the body; yields where the tokens begin, and where the lens ended.
fn lens(octets: &[u8], mut tokens: Tokens<'_>) -> Vec<usize> {
    let mut starts = vec![tokens.offset()];
    while !tokens.is_at_end() {
        let from = tokens.offset();
        let Ok(token) = tokens.next() else { break };
        let to = tokens.offset();
        assert!(from < to && to <= octets.len(), "every token has an octet");
        covers(token, &octets[from..to]);
        starts.push(to);
    }
    assert!(tokens.offset() <= octets.len());
    starts
}

/// The token is these octets, all of them.
fn covers(token: Token<'_>, octets: &[u8]) {
    let operand = match token {
        Token::StrI(text) | Token::ExtI(_, text) => {
            assert_eq!(octets[1..].strip_suffix(&[0]), Some(text));
            return;
        }
        Token::Opaque(block) => octets[1..].strip_suffix(block).expect("the block is last"),
        Token::SwitchPage(page) => return assert_eq!(octets, [0, page]),
        Token::Entity(_)
        | Token::ExtT(..)
        | Token::LiteralTag { .. }
        | Token::LiteralAttribute(_)
        | Token::StrT(_) => &octets[1..],
        _ => return assert_eq!(octets.len(), 1, "{token:?}"),
    };
    let (last, before) = operand.split_last().expect("a number");
    assert!(last & 0x80 == 0 && before.iter().all(|octet| octet & 0x80 != 0), "one number");
}

/// Deviations are at tokens, and ascend; but what is wrong with an element as a whole turns up
/// behind its attributes.
fn placed(met: &[Error], starts: &[usize]) {
    for met in met {
        assert!(starts.binary_search(&met.offset).is_ok(), "{met} is at no token");
    }
    let of_element = |met: &&Error| {
        use ErrorKind as Kind;
        let kinds = [Kind::AttributeOnToken, Kind::Namespace, Kind::LiteralNamespace];
        kinds.contains(&met.kind)
            || matches!(met.kind, Kind::LiteralHasToken | Kind::OctetsBesideContent)
    };
    let others = met.iter().filter(|met| !of_element(met)).map(|met| met.offset);
    assert!(others.is_sorted(), "{met:?}");
    assert!(met.iter().filter(of_element).map(|met| met.offset).is_sorted(), "{met:?}");
}

/// Whatever the octets, what is shown of them is XML without a forbidden character.
fn shown(document: &Document<'_>) {
    let text = canonical::text(document);
    assert_eq!(forbidden(&text), None);
    let limits = Limits { attributes: usize::MAX, ..Limits::generous() };
    let (again, _) = dm_xml::parse_lenient(text.as_bytes(), &limits).expect("canonical is XML");
    assert_eq!(canonical::text(&again), text, "canonical form is a fixed point");
    assert_eq!(names(&again), names(document), "and says the same");
}

/// What can be written of it is without a deviation, and says the same.
fn written(document: &Document<'_>, encoder: Encoder) {
    let limits = Limits::generous();
    let rule = MetaRule::default;
    let Ok(octets) = encoder.encode(document, rule()) else { return };
    let source = Source::new(&octets, &LANGUAGES, &limits).expect("the head we wrote");
    let again = source.decode(rule(), &limits).expect("the body we wrote");
    assert_eq!(canonical::text(&again), canonical::text(document));
    assert_eq!(names(&again), names(document));
    assert_eq!(encoder.encode(&again, rule()), Ok(octets));
}
