//! The use cases.

mod earlier;
pub(crate) mod get_settings;
pub(crate) mod get_spoken_answer;
pub(crate) mod hear_attachment;
mod passes;
pub(crate) mod send_voice_message;
pub(crate) mod show;
pub(crate) mod speak_answer;
pub(crate) mod speech;
pub(crate) mod synthesize_text;
pub(crate) mod transcribe_file;
pub(crate) mod update_settings;
