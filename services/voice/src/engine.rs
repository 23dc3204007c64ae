//! Who hears and who speaks.

pub(crate) mod aws;
pub(crate) mod google;
pub(crate) mod local;
pub(crate) mod openai;
mod provider;

/// What was heard.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Heard {
    /// The words; none when nobody speaks.
    pub(crate) text: String,
    /// The language.
    pub(crate) language: String,
    /// From 0 to 1, where it is told.
    pub(crate) confidence: Option<f64>,
    /// What was said when, as far as that is told.
    pub(crate) segments: Vec<Segment>,
    /// How long the recording is.
    pub(crate) seconds: f64,
}

/// What was said at one time.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Segment {
    /// Seconds from the beginning.
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) text: String,
}

/// What is to be spoken.
#[derive(Clone, Debug)]
pub(crate) struct Script<'a> {
    pub(crate) text: &'a str,
    /// The provider's name of a voice; none: the usual one of the language.
    pub(crate) voice: Option<&'a str>,
    pub(crate) language: &'a str,
    pub(crate) format: crate::audio::Format,
}
