//! The WSP push: what is read can be written, and reads the same.

use dm_push::wsp::{Form, Push};

/// A datagram; one that begins with NUL is the header block and the body of a push, so that its
/// lengths are right.
///
/// # Panics
/// When an error points outside the datagram, or what is written reads back as something else.
pub fn check(octets: &[u8]) {
    let Some([length, rest @ ..]) = octets.strip_prefix(&[0]) else { return datagram(octets) };
    let length = usize::from(*length & 0x7F).min(rest.len());
    let length = u8::try_from(length).expect("seven bits");
    datagram(&[&[0x01, 0x06, length], rest].concat());
}

fn datagram(octets: &[u8]) {
    let push = match Push::read(octets) {
        Ok(push) => push,
        Err(error) => return assert!(error.offset <= octets.len(), "{error}"),
    };
    for form in [Form::Token, Form::Text] {
        let written = push.write_as(form);
        let again = Push::read(&written);
        assert_eq!(again.as_ref(), Ok(&push), "{form:?}: {written:02x?}");
        assert_eq!(push.write_as(form), written);
    }
    let shortest = push.write();
    let again = Push::read(&shortest).expect("we wrote it").write();
    assert_eq!(again, shortest, "there is one shortest form");
}
