//! The line of a fault in XML text that was read: for people with an editor.

/// The line of an octet, counted from 1.
pub(super) fn of_offset(text: &[u8], offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or(text);
    1 + before.iter().filter(|octet| **octet == b'\n').count()
}

/// The line where an element begins, by its number in the order of the document.
pub(super) fn of_element(text: &[u8], number: usize) -> usize {
    of_offset(text, starts(text).nth(number).unwrap_or_default())
}

/// Where elements begin, in text that is well formed.
fn starts(text: &[u8]) -> impl Iterator<Item = usize> {
    let mut at = 0;
    core::iter::from_fn(move || {
        loop {
            at += find(text.get(at..)?, b"<")?;
            let rest = text.get(at..)?;
            let passed = if rest.starts_with(b"<!--") {
                find(rest, b"-->")?
            } else if rest.starts_with(b"<![CDATA[") {
                find(rest, b"]]>")?
            } else if rest.starts_with(b"<?") {
                find(rest, b"?>")?
            } else if rest.starts_with(b"<!") {
                // A document type, whose own declarations stand in brackets.
                let (end, bracket) = (find(rest, b">")?, find(rest, b"[").unwrap_or(rest.len()));
                if bracket < end { find(rest, b"]")? } else { end }
            } else if rest.starts_with(b"</") {
                2
            } else {
                let found = at;
                at += 1;
                return Some(found);
            };
            at += passed;
        }
    })
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|part| part == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_counted_and_nothing_else_is() {
        let text =
            b"<?xml version='1.0'?>\n<!DOCTYPE a [\n<!ELEMENT a ANY>\n]>\n<a>\n<!-- <b/> -->\n\
                     <b c='>'/>\n<![CDATA[<d>]]>\n</a>";
        assert_eq!(starts(text).count(), 2);
        assert_eq!([0, 1].map(|number| of_element(text, number)), [5, 7]);
    }

    #[test]
    fn lines_begin_with_one() {
        assert_eq!([0, 1, 2, 3, 9].map(|offset| of_offset(b"a\nb\n", offset)), [1, 1, 2, 2, 3]);
    }
}
