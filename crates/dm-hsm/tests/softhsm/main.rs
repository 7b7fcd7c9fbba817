//! Signatures and decryption by SoftHSM, a token in software that others wrote.
//!
//! SoftHSM finds its tokens by a variable, and a library is begun with once for a program: so each
//! test runs again as a program of its own, with a folder of tokens that goes with it. Without
//! SoftHSM the tests say so and pass; with `MGRAM_TEST_PEERS=1` in the environment they fail.

mod desk;
mod device_keys;
mod failures;
#[path = "../../../../tests/peers/left_out.rs"]
mod left_out;
mod methods;
mod recovery;
