//! The methods: decode, call the use case, encode.

mod agents;
mod assignment;
mod auto_replies;
mod availability;
mod business_hours;
mod staffing;
