//! The methods: decode, call the use case, encode.

mod assignments;
mod contacts;
mod conversations;
mod messages;
mod threads;
