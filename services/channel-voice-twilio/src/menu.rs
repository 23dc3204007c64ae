//! What callers are led through, as data: the tree in an account's settings.

use schemars::JsonSchema;
use serde::Deserialize;
use weft_twilio::is_number;

/// How deep menus may go: further nobody listens.
const DEEPEST: usize = 5;
const MAX_CHOICES: usize = 12;
const MAX_WORDS: usize = 1000;
const MAX_LABEL: usize = 64;
const MAX_NUMBERS: usize = 10;
/// Twilio's longest recording.
const LONGEST_RECORDING: u32 = 3600;
const LONGEST_RINGING: u32 = 600;

/// What happens to a caller.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Reads choices out and waits for a key.
    Menu {
        /// What is read out, like `Press one for support.`
        say: String,
        /// What the keys do.
        choices: Vec<Choice>,
        /// What happens to callers who press nothing, twice; left out, the call ends.
        otherwise: Option<Box<Step>>,
    },
    /// Lets telephones ring, all at once.
    Call {
        /// Their numbers, like `+12025550101`.
        numbers: Vec<String>,
        /// For how many seconds.
        #[serde(default = "ringing")]
        #[schemars(default = "ringing")]
        seconds: u32,
        /// What happens when nobody answers; left out, the call ends.
        otherwise: Option<Box<Step>>,
    },
    /// Lets the caller wait until somebody takes the head of the queue.
    Queue {
        /// The queue's name at Twilio.
        name: String,
        /// What the caller hears while waiting.
        #[serde(default)]
        say: String,
        /// What happens when the queue is full; left out, the call ends.
        otherwise: Option<Box<Step>>,
    },
    /// Records a message.
    Voicemail {
        /// What is said before the tone.
        #[serde(default = "leave_a_message")]
        #[schemars(default = "leave_a_message")]
        say: String,
        /// How long the message may be.
        #[serde(default = "two_minutes")]
        #[schemars(default = "two_minutes")]
        seconds: u32,
    },
    /// Ends the call.
    HangUp {
        /// What is said before.
        #[serde(default)]
        say: String,
    },
}

/// A key and what it does.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Choice {
    /// `0` to `9`, `*` or `#`.
    pub key: String,
    /// What agents read that the caller chose.
    pub label: String,
    /// What it does.
    pub then: Step,
}

impl Default for Step {
    fn default() -> Self {
        Self::Voicemail { say: leave_a_message(), seconds: two_minutes() }
    }
}

impl Step {
    /// What follows when this one comes to nothing.
    pub(crate) fn otherwise(&self) -> Option<&Self> {
        match self {
            Self::Menu { otherwise, .. } | Self::Call { otherwise, .. } | Self::Queue { otherwise, .. } => {
                otherwise.as_deref()
            }
            Self::Voicemail { .. } | Self::HangUp { .. } => None,
        }
    }

    /// What a key does here.
    pub(crate) fn choice(&self, key: &str) -> Option<&Choice> {
        match self {
            Self::Menu { choices, .. } => choices.iter().find(|choice| choice.key == key),
            _ => None,
        }
    }
}

/// Whether all of the tree can be done; the error names the place in it, and why.
pub(crate) fn check(root: &Step) -> Result<(), (String, String)> {
    walk(root, "menu", 1)
}

fn walk(step: &Step, place: &str, depth: usize) -> Result<(), (String, String)> {
    let wrong = |field: &str, why: &str| Err((format!("{place}{field}"), why.to_owned()));
    if depth > DEEPEST {
        return wrong("", "menus may be at most 5 deep");
    }
    let is_long = |words: &str| words.chars().count() > MAX_WORDS;
    match step {
        Step::Menu { say, .. } if say.trim().is_empty() || is_long(say) => {
            return wrong(".say", "say what the keys do, in at most 1,000 characters");
        }
        Step::Queue { say, .. } | Step::Voicemail { say, .. } | Step::HangUp { say } if is_long(say) => {
            return wrong(".say", "it must be at most 1,000 characters long");
        }
        Step::Menu { choices, .. } => {
            if choices.is_empty() || choices.len() > MAX_CHOICES {
                return wrong(".choices", "a menu has 1 to 12 choices");
            }
            for (at, choice) in choices.iter().enumerate() {
                let is_key = choice.key.len() == 1 && "0123456789*#".contains(&choice.key);
                let is_repeated = choices.iter().take(at).any(|other| other.key == choice.key);
                if !is_key || is_repeated {
                    let why = "it must be one of 0 to 9, `*` and `#`, each once";
                    return wrong(&format!(".choices[{at}].key"), why);
                }
                if choice.label.trim().is_empty() || choice.label.chars().count() > MAX_LABEL {
                    return wrong(&format!(".choices[{at}].label"), "it must be 1 to 64 characters long");
                }
                walk(&choice.then, &format!("{place}.choices[{at}].then"), depth + 1)?;
            }
        }
        Step::Call { numbers, seconds, .. } => {
            if numbers.is_empty() || numbers.len() > MAX_NUMBERS {
                return wrong(".numbers", "give 1 to 10 numbers");
            }
            if let Some(at) = numbers.iter().position(|number| !is_number(number)) {
                return wrong(&format!(".numbers[{at}]"), "it must be a number like `+12025550100`");
            }
            if !(5..=LONGEST_RINGING).contains(seconds) {
                return wrong(".seconds", "telephones ring for 5 to 600 seconds");
            }
        }
        Step::Queue { name, .. } if name.trim().is_empty() || name.chars().count() > MAX_LABEL => {
            return wrong(".name", "it must be 1 to 64 characters long");
        }
        Step::Voicemail { seconds, .. } if !(2..=LONGEST_RECORDING).contains(seconds) => {
            return wrong(".seconds", "a message is 2 to 3,600 seconds long");
        }
        Step::Queue { .. } | Step::Voicemail { .. } | Step::HangUp { .. } => {}
    }
    match step.otherwise() {
        Some(next) => walk(next, &format!("{place}.otherwise"), depth + 1),
        None => Ok(()),
    }
}

fn ringing() -> u32 {
    25
}

fn two_minutes() -> u32 {
    120
}

fn leave_a_message() -> String {
    "Nobody can take your call now. Please leave a message after the tone.".to_owned()
}
