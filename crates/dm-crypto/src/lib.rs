//! Keys, certificates and the cryptographic provider.
