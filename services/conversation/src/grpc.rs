//! The methods: decode, call the use case, encode.

mod assignments;
mod channel_tests;
mod contacts;
mod conversations;
mod drafts;
mod messages;
mod scheduled_messages;
mod threads;
mod transcripts;
