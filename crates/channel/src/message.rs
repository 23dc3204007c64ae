//! The words that adapters and the core share; generated from `proto/`.

pub use weft_proto::{
    channel::v1::{
        Change, ConversationStarted, DeliveryReport, FetchMedia, Filled, Inbound, Media, MessageDeleted,
        MessageEdited, MessageReceived, Outbound, Person, Reachability, Reaction, Thread, ThreadMoved,
        Transcribed, Typing, change, delivery_report, inbound::Event, thread,
    },
    conversation::v1::{
        Attachment, Author, Button, Call, ContactCard, Location, Order, Products, RichText, Template,
        Transcript, attachment, author, call, order, products, rich_text,
    },
    directory::v1::{ChannelTemplate, channel_template},
};
