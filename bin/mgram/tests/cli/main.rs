//! The command line as a person meets it: what works, what is refused, in which words.

mod bench;
mod bootstrap;
mod counters;
mod documents;
mod elsewhere;
mod elsewhere_options;
mod encryption;
mod happy;
mod inspect;
mod inspect_examples;
mod json;
mod keys;
mod lint;
mod messages;
mod outputs;
mod pem;
mod provisions;
mod pushes;
mod recipients;
mod respell;
mod secrets;
mod session;
mod sessions;
mod shown;
mod snapshot;
mod states;
