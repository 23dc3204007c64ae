//! Dead letters from the bus to their end, on SQLite and PostgreSQL, on the embedded bus and JetStream.
#![expect(clippy::unwrap_used, reason = "a test")]

mod bulk;
mod discarding;
mod keeping;
mod many;
mod replaying;
mod rig;
mod taking;
mod walls;
