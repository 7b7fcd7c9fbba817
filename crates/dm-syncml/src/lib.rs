//! SyncML DM: header, commands, items.
