#![no_main]

use ndraster_sedona::agreement::read_both;
use ndraster_test_support::panics::let_others_panic;

libfuzzer_sys::fuzz_target!(init: let_others_panic(), |data: &[u8]| drop(read_both(data)));
