//! What the tests of this package share: a device, its servers, their messages.
