//! What decoding takes of memory: nothing into a sink, and so many octets for each octet of input
//! into a document. A program of its own, because it counts all that it allocates.

use std::borrow::Cow;
use std::convert::Infallible;

use dm_syncml::MetaRule;
use dm_syncml::tables::{LANGUAGES, SYNCML};
use dm_wbxml::{Encoder, Error, MbUInt32, OctetRule, Source, Strings};
use dm_xml::{Lenient, Limits, Sink, Stopped, parse};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Octets of memory for one octet of input, at the most, under the limits of the gate: an entry,
/// a string and its character for an ENTITY of two octets, each in a vector that is just growing.
const EACH: usize = 96;
/// The same when elements and depth are raised: two entries for a tag of one octet, and what the
/// rule of octets marks.
const EACH_ELEMENT: usize = 224;
/// And this for any input.
const ALWAYS: usize = 64 << 10;

/// The most that was in use at a time while this ran, over what was in use before.
fn peak<T>(run: impl FnOnce() -> T) -> (usize, T) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = run();
    (MEMORY.peak_usage().saturating_sub(before), result)
}

/// Takes everything and keeps nothing.
struct Nothing;

impl<'a> Sink<'a> for Nothing {
    type Error = Infallible;

    fn start(&mut self, _: Cow<'a, str>, _: &'a str) -> Result<(), Infallible> {
        Ok(())
    }

    fn attribute(&mut self, _: &'a str, _: Cow<'a, str>) -> Result<(), Infallible> {
        Ok(())
    }

    fn text(&mut self, _: Cow<'a, str>) -> Result<(), Infallible> {
        Ok(())
    }

    fn octets(&mut self, _: Cow<'a, [u8]>) -> Result<(), Infallible> {
        Ok(())
    }

    fn end(&mut self) -> Result<(), Infallible> {
        Ok(())
    }
}

fn read(octets: &[u8], limits: &Limits) -> Result<(), Error> {
    let source = Source::new(octets, &LANGUAGES, limits)?;
    source.read(MetaRule::default(), limits, &mut Nothing).map_err(Stopped::into_input)
}

fn strict(octets: &[u8], limits: &Limits, rule: impl OctetRule) -> Result<usize, Error> {
    let source = Source::new(octets, &LANGUAGES, limits)?;
    source.decode(rule, limits).map(|document| document.len())
}

fn lenient(octets: &[u8], limits: &Limits) -> Result<usize, Error> {
    let mut told = Lenient::default();
    let source = Source::new_lenient(octets, &LANGUAGES, limits, &mut told)?;
    source.decode(MetaRule::default(), limits, &mut told).map(|document| document.len())
}

fn message() -> Vec<u8> {
    let item = "<Item><Target><LocURI>./A/B</LocURI></Target><Meta><Format xmlns='syncml:metinf'>\
        bin</Format></Meta><Data>AAEC</Data></Item>";
    let replace = format!("<Replace><CmdID>1</CmdID>{item}{item}</Replace>");
    let text = format!(
        "<SyncML xmlns='SYNCML:SYNCML1.2'><SyncHdr><VerDTD>1.2</VerDTD><MsgID>1</MsgID></SyncHdr>\
         <SyncBody>{}</SyncBody></SyncML>",
        replace.repeat(40)
    );
    let document = parse(text.as_bytes(), &Limits::default()).expect("a test writes XML");
    let encoder = Encoder::new(&SYNCML).strings(Strings::Inline);
    encoder.encode(&document, MetaRule::default()).expect("it can be written")
}

fn document(table: &[u8], body: &[&[u8]]) -> Vec<u8> {
    let mut octets = vec![0x02, 0xA4, 0x01, 0x6A];
    MbUInt32(u32::try_from(table.len()).expect("small")).encode(&mut octets);
    [&octets[..], table, &body.concat()].concat()
}

/// Inputs that each make the most of something.
fn greedy() -> Vec<(&'static str, Vec<u8>)> {
    let all = |table: &[u8], piece: &[u8]| {
        document(table, &[&[0x4F], &piece.repeat(350_000 / piece.len()), &[1]])
    };
    let declared = [&[0x84, 0, 4, 2][..], b"\x03u:x\0\x03y\0", &[1]].concat();
    let attribute = [&[0x84, 0, 4, 2][..], b"\x03u:x\0", &[4, 8, 0x02, 0x41, 1]].concat();
    vec![
        ("entities", all(b"", &[0x02, 0x41])),
        ("letters", all(b"", b"\x03a\0")),
        ("references", all(b"a\0", &[0x83, 0])),
        ("elements", all(b"", &[0x14])),
        ("deep", document(b"", &[&[0x54; 350_000]])),
        ("literals", all(b"L\0", &[0x04, 0])),
        ("joined namespaces", all(b"L\0xmlns\0", &declared)),
        ("attributes", all(b"L\0xmlns\0a\0", &attribute)),
        ("nuls", document(&[0; 350_000], &[&[0x4F, 1]])),
        ("deviations", all(b"", &[0xC0])),
        ("what is no text", all(b"", b"\x03\xFF\xFF\xFF\xFF\xFF\xFF\xFF\0")),
        ("lengths", all(b"", &[0xC3, 0x8F, 0xFF, 0xFF, 0xFF, 0x7F])),
        (
            "a length of the table",
            [&[2, 0xA4, 1, 0x6A, 0x8F, 0xFF, 0xFF, 0xFF, 0x7F][..], &[1]].concat(),
        ),
    ]
}

#[test]
fn memory_is_bounded_by_the_input() {
    let limits = Limits::default();
    let octets = message();
    let (taken, result) = peak(|| read(&octets, &limits));
    assert_eq!((taken, result), (0, Ok(())), "into a sink nothing is allocated");
    let (taken, result) = peak(|| strict(&octets, &limits, MetaRule::default()));
    assert!(result.is_ok_and(|entries| entries > 1_000));
    println!("message: {} octets, {taken} of memory", octets.len());
    assert!(taken > octets.len() && taken <= 40 * octets.len(), "{taken}");

    let raised = Limits { depth: 1 << 20, elements: 1 << 20, ..limits };
    for (limits, most) in [(limits, EACH), (raised, EACH_ELEMENT)] {
        for (name, octets) in greedy() {
            let (strict, _) = peak(|| strict(&octets, &limits, MetaRule::default()));
            let (lenient, _) = peak(|| lenient(&octets, &limits));
            let taken = strict.max(lenient);
            println!(
                "{name}: {} octets, {taken} of memory, {}",
                octets.len(),
                taken / octets.len()
            );
            assert!(taken <= most * octets.len() + ALWAYS, "{name}");
        }
    }
}
