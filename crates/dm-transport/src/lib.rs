//! Routes that carry sealed octets: UDP, HTTP.
