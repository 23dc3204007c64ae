#![doc = include_str!("../README.md")]

mod capabilities;
pub mod plan;
mod refused;
pub mod template;
mod wire;

pub use capabilities::{
    Buttons, Capabilities, Captions, Changes, ContentKind, FirstContact, Idempotency, Intake,
};
pub use refused::Refused;
