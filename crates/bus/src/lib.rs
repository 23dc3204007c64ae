#![doc = include_str!("../README.md")]

mod bus;
mod cloud_event;
mod consumer;
mod dead_letter;
mod delivery;
mod embedded;
mod event;
mod jetstream;
mod live;
mod metering;
mod outside;
mod pulse;
mod queue;
mod reader;
mod settings;
mod spec;
pub mod subject;
mod waiting;

pub use bus::Bus;
pub use consumer::Consumer;
pub use dead_letter::{DeadLetter, NewDeadLetter};
pub use delivery::{Delivery, Outcome};
pub use event::{Event, MAX_EVENT_BYTES, Published, Stream};
pub use live::LiveSubscription;
pub use outside::OutsideReader;
pub use reader::Reader;
pub use settings::{Limit, Limits, Settings};
pub use spec::ConsumerSpec;
