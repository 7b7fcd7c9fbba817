//! Documents against descriptions, rule by rule, and against descriptions from the field.

mod bench;
mod corpus;
mod descriptions;
mod dm_1_1;
#[path = "../../../../tests/peers/left_out.rs"]
mod left_out;
mod messages;
mod objects;
mod wbxml;
