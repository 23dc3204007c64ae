#![doc = include_str!("../README.md")]

use std::sync::LazyLock;

use prost_reflect::DescriptorPool;

mod as_json;
mod comments;
pub mod convert;
mod event;
mod intent;
pub mod json;
pub mod operation;
pub mod struct_json;

pub use as_json::AsJson;
pub use comments::Comments;
pub use event::{EventType, event_type, event_type_of, events};
pub use intent::Intent;

/// The encoded descriptors of all of `proto/`.
pub const DESCRIPTORS: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/weft.bin"));

/// The descriptors, ready for reflection.
pub static POOL: LazyLock<DescriptorPool> =
    LazyLock::new(|| DescriptorPool::decode(DESCRIPTORS).expect("the build wrote these descriptors"));

/// Includes a generated package; the documentation of its items is that of `proto/`.
macro_rules! package {
    ($name:literal) => {
        #[expect(missing_docs, reason = "generated from proto/")]
        pub mod v1 {
            tonic::include_proto!($name);
        }
    };
}

/// Google's HTTP annotations.
pub mod google {
    /// The REST binding of a method.
    #[expect(missing_docs, reason = "generated from proto/")]
    pub mod api {
        tonic::include_proto!("google.api");
    }
}
/// Weft's own options on methods and fields.
pub mod options {
    package!("weft.options.v1");
}
/// Tenants, people, sign-in, tokens, channels.
pub mod directory {
    package!("weft.directory.v1");
}
/// Contacts, conversations, messages.
pub mod conversation {
    package!("weft.conversation.v1");
}
/// Agents' availability, and who is given what.
pub mod automation {
    package!("weft.automation.v1");
}
/// What happened, in figures.
pub mod analytics {
    package!("weft.analytics.v1");
}
/// Files.
pub mod media {
    package!("weft.media.v1");
}
/// Speech.
pub mod voice {
    package!("weft.voice.v1");
}
/// The audit log.
pub mod compliance {
    package!("weft.compliance.v1");
}
/// What could not be handled.
pub mod dead_letters {
    package!("weft.dead_letters.v1");
}
/// What travels between adapters and the core.
pub mod channel {
    package!("weft.channel.v1");
}
/// What everybody may follow.
pub mod events {
    package!("weft.events.v1");
}
