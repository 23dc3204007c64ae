//! The methods: decode, call the use case, encode.

mod voice;
mod voice_settings;
