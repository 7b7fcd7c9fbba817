//! WBXML 1.1 to 1.3: octets to infoset and back.
