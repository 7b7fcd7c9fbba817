//! Push encodings: WSP.
