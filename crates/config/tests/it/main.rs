#![expect(missing_docs, reason = "a test")]

mod describe;
mod environment;
mod faults;
mod layers;
mod sections;
