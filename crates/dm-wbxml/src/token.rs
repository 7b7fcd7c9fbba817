//! Global tokens. [WBXML 1.3 §7.1]

/// Changes the code page; the page number follows.
pub const SWITCH_PAGE: u8 = 0x00;
/// Ends content or an attribute list.
pub const END: u8 = 0x01;
/// One character; its code point follows.
pub const ENTITY: u8 = 0x02;
/// Text up to the next NUL.
pub const STR_I: u8 = 0x03;
/// A name by string table offset.
pub const LITERAL: u8 = 0x04;
/// Extensions with an inline string.
pub const EXT_I: core::ops::RangeInclusive<u8> = 0x40..=0x42;
/// A processing instruction.
pub const PI: u8 = 0x43;
/// Extensions with a number.
pub const EXT_T: core::ops::RangeInclusive<u8> = 0x80..=0x82;
/// Text by string table offset.
pub const STR_T: u8 = 0x83;
/// Extensions of one octet.
pub const EXT: core::ops::RangeInclusive<u8> = 0xC0..=0xC2;
/// Octets; their number comes first.
pub const OPAQUE: u8 = 0xC3;

/// Set in a tag: attributes follow.
pub const HAS_ATTRIBUTES: u8 = 0x80;
/// Set in a tag: content follows.
pub const HAS_CONTENT: u8 = 0x40;
/// The bits of a tag that name it.
pub const IDENTITY: u8 = 0x3F;
