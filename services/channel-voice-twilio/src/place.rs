//! Where a caller is in the tree, as a part of the addresses that Twilio calls: an adapter keeps no state.

use crate::menu::Step;

/// What stands for "otherwise".
const OTHERWISE: char = 'o';
/// What stands for keys that addresses hold only encoded.
const STAR: char = 's';
const HASH: char = 'h';
/// The root: a path may not be empty.
const ROOT: &str = "root";

/// The way from the root to a step: a sign for each key and for each "otherwise".
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place(String);

impl Place {
    /// Reads it from an address.
    pub(crate) fn read(text: &str) -> Self {
        Self(if text == ROOT { String::new() } else { text.to_owned() })
    }

    /// As it stands in an address.
    pub(crate) fn show(&self) -> &str {
        if self.0.is_empty() { ROOT } else { &self.0 }
    }

    /// The step there; none when the settings were changed while somebody called.
    pub(crate) fn step<'a>(&self, root: &'a Step) -> Option<&'a Step> {
        self.0.chars().try_fold(root, |step, sign| match sign {
            OTHERWISE => step.otherwise(),
            sign => step.choice(&key(sign)).map(|choice| &choice.then),
        })
    }

    /// Where a key leads.
    pub(crate) fn chosen(&self, key: &str) -> Self {
        let sign = match key {
            "*" => STAR.to_string(),
            "#" => HASH.to_string(),
            digit => digit.to_owned(),
        };
        Self(format!("{}{sign}", self.0))
    }

    /// Where it goes when this step comes to nothing.
    pub(crate) fn otherwise(&self) -> Self {
        Self(format!("{}{OTHERWISE}", self.0))
    }
}

fn key(sign: char) -> String {
    match sign {
        STAR => "*".to_owned(),
        HASH => "#".to_owned(),
        digit => digit.to_string(),
    }
}
