//! The words that adapters and the core share; generated from `proto/`.

pub use weft_proto::{
    channel::v1::{
        ConversationStarted, DeliveryReport, FetchMedia, Inbound, Media, MessageDeleted, MessageEdited,
        MessageReceived, Outbound, Person, Reachability, Reaction, Thread, ThreadMoved, Typing,
        delivery_report, inbound::Event, thread,
    },
    conversation::v1::{Attachment, Author, Button, ContactCard, Location, attachment, author},
};
