//! What is measured, apart from how: the messages, and the conversions between text, octets,
//! events and model. Both programs of this package and its tests use them.

pub mod conversions;
pub mod generator;
pub mod messages;
