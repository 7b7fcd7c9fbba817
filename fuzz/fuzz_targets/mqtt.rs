#![no_main]
libfuzzer_sys::fuzz_target!(|octets: &[u8]| marconigram_fuzz::mqtt::check(octets));
