//! The XML infoset, its text and its exclusive canonical form.
