//! What reading XML text takes of memory: so many octets for each octet of text. A program of its
//! own, because it counts all that it allocates.

use dm_xml::{Limits, parse, parse_lenient};
use peak_alloc::PeakAlloc;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// Octets of memory for one octet of text, at the most: an entry for a carriage return, in a vector
/// that is just growing.
const EACH: usize = 96;
/// And this for any text.
const ALWAYS: usize = 64 << 10;

/// The most that was in use at a time while this ran, over what was in use before.
fn peak<T>(run: impl FnOnce() -> T) -> (usize, T) {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    let result = run();
    (MEMORY.peak_usage().saturating_sub(before), result)
}

#[test]
fn memory_is_bounded_by_the_text() {
    let limits = Limits { elements: 1 << 20, depth: 1 << 20, ..Limits::default() };
    let pieces = [
        "\r",
        "&#65;",
        "&amp;",
        "<a/>",
        "<a b=''/>",
        "<a b='&#65;'/>",
        "<a>",
        "<a xmlns='u:&amp;'/>",
        "<!---->",
        "<?p?>",
        "<p:a/>",
        "<![CDATA[x]]>",
        "&#1;",
    ];
    for piece in pieces {
        let text = String::from("<r xmlns='u:r'>") + &piece.repeat(500_000 / piece.len()) + "</r>";
        let (strict, _) = peak(|| parse(text.as_bytes(), &limits).map(|document| document.len()));
        let (lenient, _) = peak(|| {
            parse_lenient(text.as_bytes(), &limits)
                .map(|(document, told)| document.len() + told.deviations().len())
        });
        let taken = strict.max(lenient);
        println!("{piece:?}: {} octets, {taken} of memory, {}", text.len(), taken / text.len());
        assert!(taken <= EACH * text.len() + ALWAYS, "{piece:?}");
    }
}
