#![no_main]
libfuzzer_sys::fuzz_target!(|octets: &[u8]| marconigram_fuzz::smpp::check(octets));
