//! What texts have in common at their beginning, and which of it is worth a string of the table.
//!
//! A text that begins with a string of the table is written as STR_T and STR_I. Each octet of the
//! beginning is then saved once for every use, and paid once in the table.

use alloc::vec;
use alloc::vec::Vec;

/// Octets of a reference to the first 128 octets of the table.
const REFERENCE: isize = 2;
/// Octets of STR_I beside its characters: the token and the NUL.
const IN_PLACE: isize = 2;

/// A beginning that two texts share, or a whole text. They make up a tree: a longer one hangs
/// from the longest shorter one that it begins with.
struct Beginning {
    /// Octets of it.
    length: usize,
    /// A text that begins with it.
    text: usize,
    above: usize,
    /// Uses of the text that is just this.
    whole: isize,
    /// Uses of all texts that begin with this.
    uses: isize,
}

/// For each text, sorted and without repetition, given with its uses: the octets at its beginning
/// that should stand in the table.
///
/// From the shortest to the longest, a beginning is taken when that saves octets for all texts
/// that have it; then, from the longest to the shortest, those are given back whose texts all
/// took a longer one. Linear but for the sorting.
pub(super) fn choose(texts: &[(&str, usize)]) -> Vec<usize> {
    let (beginnings, leaves) = tree(texts);
    let mut by_length: Vec<usize> = (1..beginnings.len()).collect();
    by_length.sort_by_key(|&at| (beginnings[at].length, beginnings[at].text));

    let mut is_taken = vec![false; beginnings.len()];
    let mut nearest = vec![0; beginnings.len()];
    for &at in &by_length {
        let beginning = &beginnings[at];
        let above = beginning.above;
        nearest[at] = if is_taken[above] { above } else { nearest[above] };
        is_taken[at] = gain(beginning, beginning.uses, beginnings[nearest[at]].length) > 0;
    }
    // Uses that no longer beginning has taken.
    let mut own: Vec<isize> = beginnings.iter().map(|beginning| beginning.whole).collect();
    for &at in by_length.iter().rev() {
        let beginning = &beginnings[at];
        if is_taken[at] && gain(beginning, own[at], beginnings[nearest[at]].length) > 0 {
            continue;
        }
        is_taken[at] = false;
        own[beginning.above] += own[at];
    }
    let taken = |leaf: &usize| {
        let mut at = *leaf;
        while at != 0 && !is_taken[at] {
            at = beginnings[at].above;
        }
        beginnings[at].length
    };
    leaves.iter().map(taken).collect()
}

/// Octets saved when this many uses refer to the beginning instead of to the one above it.
fn gain(beginning: &Beginning, uses: isize, above: usize) -> isize {
    let length = signed(beginning.length);
    let each = length - if above == 0 { REFERENCE } else { signed(above) };
    uses * each + beginning.whole * IN_PLACE - (length + 1)
}

/// All beginnings that matter, the empty one first, and which of them each text is.
fn tree(texts: &[(&str, usize)]) -> (Vec<Beginning>, Vec<usize>) {
    let empty = Beginning { length: 0, text: 0, above: 0, whole: 0, uses: 0 };
    let mut beginnings = vec![empty];
    let mut leaves = Vec::with_capacity(texts.len());
    let mut path = vec![0];
    for (text, &(characters, uses)) in texts.iter().enumerate() {
        let shared = text.checked_sub(1).map_or(0, |before| shared(texts[before].0, characters));
        let mut below = None;
        while let Some(&last) = path.last()
            && beginnings[last].length > shared
        {
            below = path.pop();
        }
        let mut above = path.last().copied().unwrap_or(0);
        if beginnings[above].length < shared {
            beginnings.push(Beginning { length: shared, text, above, whole: 0, uses: 0 });
            above = beginnings.len() - 1;
            if let Some(below) = below {
                beginnings[below].above = above;
            }
            path.push(above);
        }
        let uses = signed(uses);
        let length = characters.len();
        beginnings.push(Beginning { length, text, above, whole: uses, uses });
        leaves.push(beginnings.len() - 1);
        path.push(beginnings.len() - 1);
    }
    let mut longest_first: Vec<usize> = (1..beginnings.len()).collect();
    longest_first.sort_by_key(|&at| core::cmp::Reverse(beginnings[at].length));
    for at in longest_first {
        let (above, uses) = (beginnings[at].above, beginnings[at].uses);
        beginnings[above].uses += uses;
    }
    (beginnings, leaves)
}

/// How many octets of whole characters two texts have in common at their beginning.
fn shared(one: &str, other: &str) -> usize {
    let pairs = one.bytes().zip(other.bytes());
    let mut length = pairs.take_while(|(one, other)| one == other).count();
    while !one.is_char_boundary(length) || !other.is_char_boundary(length) {
        length -= 1;
    }
    length
}

fn signed(value: usize) -> isize {
    isize::try_from(value).unwrap_or(isize::MAX) // no text is that long
}
