//! Secrets are overwritten when nobody needs them any more: the memory of this very process is searched
//! for them. [profile §6]
//!
//! A test keeps what it looks for in disguise, and shows that it finds it while it is there. Where the
//! system has no `/proc/self/mem` nothing can be searched, and the tests say so.

mod decrypted;
mod keys;
mod memory;
