//! Documents against descriptions, rule by rule, and against descriptions from the field.

mod bench;
mod corpus;
mod descriptions;
mod messages;
mod objects;
mod wbxml;
