use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::Value;
use weft_channel::{AccountSettings, Outbound};

use crate::account::Given;

/// What happens at a provider that an adapter asks: as it holds it, byte for byte.
#[derive(Clone, Debug)]
pub struct Scene<S> {
    /// The account.
    pub account: S,
    /// What happened before; nothing of it is looked at.
    pub before: Vec<Step>,
    /// What arrives then, in order.
    pub arrives: Vec<Vec<u8>>,
}

/// One thing that happened before.
#[derive(Clone, Debug)]
pub enum Step {
    /// Something came in.
    Arrives(Vec<u8>),
    /// A message went out.
    Sends(Box<Outbound>),
}

/// A step as a case writes it.
#[derive(Clone, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub(super) enum GivenStep {
    Arrives(Vec<Line>),
    Sends(Value),
}

/// A line as a case writes it: as text, or as base64 when it is none. CR LF follows.
#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(super) enum Line {
    Text(String),
    Bytes { base64: String },
}

/// The scene of a case.
pub(super) fn scene<S: AccountSettings>(
    given: &Given,
    before: &[GivenStep],
    arrives: Vec<Vec<u8>>,
) -> Result<Scene<S>, String> {
    let before = before.iter().map(GivenStep::read).collect::<Result<_, _>>()?;
    Ok(Scene { account: given.account()?, before, arrives })
}

/// The bytes of something that a case writes line by line.
pub(super) fn bytes(lines: &[Line]) -> Result<Vec<u8>, String> {
    let read = |line: &Line| match line {
        Line::Text(text) => Ok(text.as_bytes().to_vec()),
        Line::Bytes { base64 } => STANDARD.decode(base64).map_err(|error| format!("a line: {error}")),
    };
    let lines: Vec<Vec<u8>> = lines.iter().map(read).collect::<Result<_, String>>()?;
    Ok(lines.into_iter().flat_map(|line| [line, b"\r\n".to_vec()].concat()).collect())
}

/// A message as a case writes it.
pub(super) fn message(given: &Value) -> Result<Outbound, String> {
    weft_proto::json::decode(given.to_string().as_bytes()).map_err(|error| format!("the message: {error}"))
}

impl GivenStep {
    fn read(&self) -> Result<Step, String> {
        Ok(match self {
            Self::Arrives(lines) => Step::Arrives(bytes(lines)?),
            Self::Sends(given) => Step::Sends(Box::new(message(given)?)),
        })
    }
}
