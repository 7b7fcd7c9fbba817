//! The XML signature of a sessionless message.
