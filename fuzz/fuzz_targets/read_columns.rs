#![no_main]

libfuzzer_sys::fuzz_target!(init: ndraster_fuzz_bodies::let_others_panic(), |data: &[u8]| ndraster_fuzz_bodies::read_columns(data));
