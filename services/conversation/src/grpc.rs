//! The methods: decode, call the use case, encode.

mod assignments;
mod bulk_actions;
mod channel_tests;
mod contacts;
mod conversations;
mod custom_fields;
mod drafts;
mod messages;
mod scheduled_messages;
mod search;
mod tags;
mod threads;
mod transcripts;
mod views;
