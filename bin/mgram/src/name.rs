//! Names that a person gives: of servers, devices and keys.

use crate::fault::Fault;

/// Refuses a text that no ACL could name, and so no account could have. [TND 1.2 §7.7.1]
pub fn check_server_id(server_id: &str) -> Result<(), Fault> {
    let is_bad = |c: char| c.is_whitespace() || c.is_control() || "=&*+".contains(c);
    if !server_id.is_empty() && !server_id.contains(is_bad) {
        return Ok(());
    }
    Err(Fault::unreadable(format!("{server_id:?} cannot be a ServerID"))
        .clause("R10, TND 1.2 §7.7.1")
        .next("a ServerID is not empty and has none of = & * + and no white space"))
}

/// Refuses an empty name of a key, or id of a device.
pub fn check_not_empty(option: &str, text: &str) -> Result<(), Fault> {
    if !text.trim().is_empty() {
        return Ok(());
    }
    Err(Fault::unreadable(format!("{option} is empty")).next(format!("give {option} a name")))
}
