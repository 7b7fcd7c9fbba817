//! The name that was perhaps meant.

use alloc::vec::Vec;

/// The most names that are compared, and their length: keeps a finding cheap.
const MOST_NAMES: usize = 256;
const MOST_CHARACTERS: usize = 64;

/// The name among these that is at most two letters away; of several the nearest.
pub(crate) fn nearest<'a>(name: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted: Vec<char> = name.chars().take(MOST_CHARACTERS + 1).collect();
    if wanted.len() > MOST_CHARACTERS {
        return None;
    }
    let most = if wanted.len() < 4 { 1 } else { 2 };
    names
        .take(MOST_NAMES)
        .filter(|name| name.len() <= MOST_CHARACTERS)
        .map(|name| (distance(&wanted, name), name))
        .filter(|(distance, _)| *distance <= most)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// How many letters have to be changed, added or taken away.
fn distance(one: &[char], other: &str) -> usize {
    let mut row: Vec<usize> = (0..=one.len()).collect();
    for (index, letter) in other.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = index + 1;
        for (at, wanted) in one.iter().enumerate() {
            let change = diagonal + usize::from(*wanted != letter);
            diagonal = row[at + 1];
            row[at + 1] = change.min(diagonal + 1).min(row[at] + 1);
        }
    }
    row[one.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_misspelled_name_is_known_again() {
        let names = || ["Addr", "AddrType", "Port"].into_iter();
        assert_eq!(nearest("Adr", names()), Some("Addr"));
        assert_eq!(nearest("AdrTyp", names()), Some("AddrType"));
        assert_eq!(nearest("Bearer", names()), None);
        assert_eq!(nearest(&"x".repeat(65), names()), None);
    }
}
