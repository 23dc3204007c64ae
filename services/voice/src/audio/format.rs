use strum::{Display, EnumString, VariantNames};
use weft_domain::{Result, parse_word};

/// What speech can be given as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Display, EnumString, VariantNames)]
#[strum(serialize_all = "snake_case")]
pub(crate) enum Format {
    /// Opus in Ogg: what messengers call a voice message.
    #[default]
    Ogg,
    /// MP3.
    Mp3,
    /// Uncompressed.
    Wav,
}

impl Format {
    /// What a caller wants, or else the usual.
    pub(crate) fn read(field: &str, word: &str) -> Result<Self> {
        if word.is_empty() { Ok(Self::default()) } else { parse_word(field, word) }
    }

    /// Its type.
    pub(crate) fn mime(self) -> &'static str {
        match self {
            Self::Ogg => "audio/ogg",
            Self::Mp3 => "audio/mpeg",
            Self::Wav => "audio/wav",
        }
    }
}
