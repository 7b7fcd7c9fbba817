//! The device management client.

fn main() {}
