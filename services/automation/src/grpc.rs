//! The methods: decode, call the use case, encode.

mod agents;
mod assignment;
mod availability;
mod staffing;
