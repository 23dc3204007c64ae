//! The methods: decode, call the use case, encode.

mod assignments;
mod channel_tests;
mod contacts;
mod conversations;
mod messages;
mod threads;
mod transcripts;
