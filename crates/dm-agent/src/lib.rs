//! The device's runtime: receivers, store, configuration.
