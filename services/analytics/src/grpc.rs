//! The methods: decode, use case, encode.

mod analytics;
