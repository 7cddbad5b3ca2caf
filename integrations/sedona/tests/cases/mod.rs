//! Arrays anywhere in their memory, as ndraster's own tests make them.

#[path = "../../../../tests/integration/cases/memory.rs"]
#[allow(dead_code, reason = "those tests use more of it")]
pub(crate) mod memory;
