//! Second implementations, slow and plain, which share no code with what they judge.

pub mod base64;
pub mod c14n;
pub mod lines;
