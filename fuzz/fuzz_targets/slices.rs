#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| ndraster_fuzz_bodies::slices(data));
