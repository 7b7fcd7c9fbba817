//! Packet captures: what a network saw, down to the payloads of UDP and TCP.
//!
//! * [`Packets`] reads a capture file, pcap or pcapng;
//! * [`Frame`] takes a packet apart: link, IP, UDP or TCP;
//! * [`Streams`] joins the payloads of TCP connections.
//!
//! A reader only: nothing is captured here. It is for looking at pushes, not for receiving them,
//! so it stands apart from `dm-push`, and no device carries it. Frames are taken apart by `etherparse`; the files,
//! for which no `no_std` reader exists, in here.
//!
//! ```no_run
//! # fn show(capture: &[u8]) -> Result<(), dm_capture::Error> {
//! use dm_capture::{Frame, Packets};
//! for packet in Packets::read(capture)? {
//!     let packet = packet?;
//!     if let Some(frame) = Frame::read(&packet)? {
//!         let at = packet.offset + frame.payload_range().start;
//!         assert_eq!(capture[at], frame.payload[0]);
//!     }
//! }
//! # Ok(())
//! # }
//! ```

#![no_std]

extern crate alloc;

mod cursor;
mod error;
mod file;
mod frame;
mod stream;

pub use error::{Error, ErrorKind};
pub use file::{Packet, Packets, Time};
pub use frame::{Frame, Layer, LinkType, Transport};
pub use stream::{Piece, Stream, Streams};
