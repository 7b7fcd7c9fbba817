//! A node as octets, for stores.
//!
//! | Field | Octets | Meaning |
//! | -- | -- | -- |
//! | version | 1 | `01`: this layout |
//! | format | 1 | 0 b64, 1 bin, 2 bool, 3 chr, 4 date, 5 float, 6 int, 7 node, 8 null, 9 time, 10 xml |
//! | flags | 1 | bit 0: a value is there; bit 1: a time stamp is there; all others 0 |
//! | ver_no | 2 | big-endian |
//! | t_stamp | 8, or 0 without flag bit 1 | seconds since 1970, big-endian |
//! | type | length, UTF-8 | |
//! | acl | length, UTF-8 | as [`Acl`] prints it |
//! | title | length, UTF-8 | |
//! | value | length, octets; nothing without flag bit 0 | |
//!
//! A length is a number in groups of seven bits, the lowest first; every octet but the last has
//! its high bit set, and the last is not `00` unless it is the only one (unsigned LEB128, in its
//! shortest form, at most 32 bits). Nothing follows the last field. Flag bit 0 is set exactly
//! when the format is not `node`. So a node has one encoding, and other octets are corrupt.

use alloc::borrow::ToOwned;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use dm_tnds::Format;

use crate::{Acl, CorruptNode, Node};

impl Node {
    /// The node as octets, laid out as the source of this module tells field by field.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION, format_code(self.format)];
        let flag = |set: bool, bit: u8| if set { bit } else { 0 };
        out.push(flag(self.value.is_some(), VALUE) | flag(self.t_stamp.is_some(), T_STAMP));
        out.extend(self.ver_no.to_be_bytes());
        out.extend(self.t_stamp.iter().flat_map(|seconds| seconds.to_be_bytes()));
        write_string(&mut out, self.r#type.as_bytes());
        write_string(&mut out, self.acl.to_string().as_bytes());
        write_string(&mut out, self.title.as_bytes());
        if let Some(value) = &self.value {
            write_string(&mut out, value);
        }
        out
    }

    /// Reads a node back from [`Node::encode`].
    ///
    /// # Errors
    /// [`CorruptNode`] for octets that no node encodes to.
    pub fn decode(octets: &[u8]) -> Result<Self, CorruptNode> {
        let mut reader = Reader { octets, offset: 0 };
        reader.decode().ok_or(CorruptNode { offset: reader.offset })
    }
}

struct Reader<'a> {
    octets: &'a [u8],
    offset: usize,
}

impl<'a> Reader<'a> {
    fn decode(&mut self) -> Option<Node> {
        if self.array::<1>()? != [VERSION] {
            return None;
        }
        let [code, flags] = self.array()?;
        let format = *Format::ALL.iter().find(|format| format_code(**format) == code)?;
        let has_value = flags & VALUE != 0;
        if flags & !(VALUE | T_STAMP) != 0 || has_value == (format == Format::Node) {
            return None;
        }
        let ver_no = u16::from_be_bytes(self.array()?);
        let t_stamp = match flags & T_STAMP {
            0 => None,
            _ => Some(u64::from_be_bytes(self.array()?)),
        };
        let r#type = self.text()?.into();
        let acl = self.acl()?;
        let title = self.text()?.to_owned();
        let value = if has_value { Some(self.string()?.into()) } else { None };
        (self.offset == self.octets.len()).then_some(Node {
            format,
            r#type,
            value,
            acl,
            title,
            ver_no,
            t_stamp,
        })
    }

    fn acl(&mut self) -> Option<Acl> {
        let text = self.text()?;
        Acl::parse(text).ok().filter(|acl| acl.to_string() == text)
    }

    fn text(&mut self) -> Option<&'a str> {
        core::str::from_utf8(self.string()?).ok()
    }

    fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.length()?;
        self.take(length)
    }

    fn length(&mut self) -> Option<usize> {
        let mut length = 0u64;
        for shift in (0..35).step_by(7) {
            let [octet] = self.array()?;
            length |= u64::from(octet & 0x7F) << shift;
            if octet & 0x80 == 0 {
                let shortest = shift == 0 || octet != 0;
                return if shortest { u32::try_from(length).ok()?.try_into().ok() } else { None };
            }
        }
        None
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let end = self.offset.checked_add(count)?;
        let taken = self.octets.get(self.offset..end)?;
        self.offset = end;
        Some(taken)
    }
}

fn write_string(out: &mut Vec<u8>, octets: &[u8]) {
    let mut length = octets.len();
    while length > 0x7F {
        out.push(length.to_le_bytes()[0] | 0x80);
        length >>= 7;
    }
    out.push(length.to_le_bytes()[0]);
    out.extend_from_slice(octets);
}

fn format_code(format: Format) -> u8 {
    match format {
        Format::B64 => 0,
        Format::Bin => 1,
        Format::Bool => 2,
        Format::Chr => 3,
        Format::Date => 4,
        Format::Float => 5,
        Format::Int => 6,
        Format::Node => 7,
        Format::Null => 8,
        Format::Time => 9,
        Format::Xml => 10,
    }
}

const VERSION: u8 = 1;
const VALUE: u8 = 1;
const T_STAMP: u8 = 2;

#[cfg(test)]
mod tests;
