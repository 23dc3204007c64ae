//! The methods: decode, call the use case, encode.

mod assignments;
mod automatic_messages;
mod bulk_actions;
mod canned_replies;
mod channel_tests;
mod contact_files;
mod contact_notes;
mod contacts;
mod conversations;
mod custom_fields;
mod drafts;
mod holders;
mod macros;
mod message_purposes;
mod messages;
mod notifications;
mod regroupings;
mod scheduled_messages;
mod search;
mod silence;
mod tags;
mod threads;
mod transcripts;
mod views;
