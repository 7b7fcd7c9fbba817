//! The management tree: nodes, ACL, TNDS, Inbox, transactions.
