//! SEC and MAC: a shared secret as the security of a push that its bearer gives none. [WSP §8.4.2.24,
//! SEC 1.2 §5.1.7.2]
//!
//! The MAC is HMAC-SHA1 over the body, the WBXML, in upper-case hexadecimal. What it is made of is with
//! the keys; here is how it travels: as parameters of the content type.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use super::content_type::{Parameter, ParameterName};
use super::value::{Text, Value};
use super::{Form, Push, tables};
use crate::media_type;

/// How a push proves that its sender knows a secret: SEC, and the MAC.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Proof {
    sec: u8,
    mac: String,
}

impl Proof {
    /// The MAC of a push whose SEC has this code: 0 NETWPIN, 1 USERPIN, 2 USERNETWPIN.
    ///
    /// ```
    /// use dm_push::wsp::{Form, Proof, Push};
    /// let proof = Proof::new(0, &[0xAB; 20]);
    /// let octets = proof.write(&Push::dm(1, b"body"), Form::Token);
    /// assert_eq!(octets[..9], [0x01, 0x06, 0x31, 0x1F, 0x2D, 0xC2, 0x91, 0x80, 0x92]);
    /// let push = Push::read(&octets)?;
    /// assert_eq!(push.content_type.sec(), Some(0));
    /// assert_eq!(push.content_type.mac().unwrap().as_str().unwrap().len(), 40);
    /// assert!(proof.content_type().starts_with("application/vnd.syncml.dm+wbxml; sec=0; mac=ABAB"));
    /// # Ok::<(), dm_push::Error>(())
    /// ```
    #[must_use]
    pub fn new(sec: u8, mac: &[u8; 20]) -> Self {
        Self { sec: sec & 0x7F, mac: mac.iter().map(|octet| format!("{octet:02X}")).collect() }
    }

    /// The push with this proof, in the place of one that it has.
    #[must_use]
    pub fn write(&self, push: &Push<'_>, form: Form) -> Vec<u8> {
        let mut push = push.clone();
        let is_proof = |parameter: &Parameter<'_>| match parameter.name {
            ParameterName::Code(code) => matches!(code, tables::SEC | tables::MAC),
            ParameterName::Name(name) => {
                ["sec", "mac"].iter().any(|own| name.as_str().eq_ignore_ascii_case(own))
            }
        };
        push.content_type.parameters.retain(|parameter| !is_proof(parameter));
        let mac = Value::Text(Text::of_name(&self.mac));
        for (code, value) in [(tables::SEC, Value::Short(self.sec)), (tables::MAC, mac)] {
            let name = ParameterName::Code(code);
            push.content_type.parameters.push(Parameter { name, value });
        }
        push.write_as(form)
    }

    /// The content type in text, as a push gateway is told it.
    #[must_use]
    pub fn content_type(&self) -> String {
        format!("{}; sec={}; mac={}", media_type::DM_WBXML, self.sec, self.mac)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proof_takes_the_place_of_another_and_leaves_the_rest() {
        let (old, new) = (Proof::new(2, &[1; 20]), Proof::new(0, &[2; 20]));
        let first = old.write(&Push::dm(1, b"\x02body"), Form::Token);
        let mut push = Push::read(&first).unwrap();
        push.content_type.parameters.push(Parameter {
            name: ParameterName::Code(tables::CHARSET),
            value: Value::Short(106),
        });
        let second = new.write(&push, Form::Token);
        let read = Push::read(&second).unwrap();
        assert_eq!((read.content_type.sec(), read.content_type.parameters.len()), (Some(0), 3));
        assert_eq!(read.content_type.mac().unwrap().as_str().unwrap(), "02".repeat(20));
        assert_eq!(read.content_type.charset(), Some(106));
        assert_eq!(read.body, b"\x02body");
    }

    #[test]
    fn names_are_text_on_request_and_read_the_same() {
        let proof = Proof::new(1, &[3; 20]);
        let (token, text) = (Form::Token, Form::Text);
        let (token, text) =
            (proof.write(&Push::dm(1, b"b"), token), proof.write(&Push::dm(1, b"b"), text));
        let find =
            |text: &[u8], part: &str| text.windows(part.len()).any(|it| it == part.as_bytes());
        assert!(find(&text, "application/vnd.syncml.dm+wbxml\0"));
        assert!(find(&text, "x-wap-application:syncml.dm\0"));
        assert!(token.len() < text.len());
        assert_eq!(Push::read(&token).unwrap(), Push::read(&text).unwrap());
    }
}
