//! The tables.

#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod heard;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod spoken_answer;
#[expect(unreachable_pub, reason = "sea-orm derives public items")]
pub(crate) mod voice_settings;
