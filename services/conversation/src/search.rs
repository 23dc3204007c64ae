//! Text as it is looked for: made into tokens here, alike for what is kept and what is asked, so that both databases only
//! compare tokens and know nothing of languages.

mod entry;
mod fold;
mod pieces;
mod query;
mod snippet;
mod stems;
#[cfg(test)]
mod tests;
mod windows;

pub(crate) use entry::{
    Entry, file_type, id_token, of_contact, of_message, passages_of_contact, passages_of_message,
};
pub(crate) use fold::fold_words;
pub(crate) use query::{Find, Query};
pub(crate) use snippet::best;
pub(crate) use windows::Window;

/// Which kind of words a token is of. Each has its letter, so that the beginnings of names are looked for among names alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Words {
    /// What a message says, names of its files among it.
    Message,
    /// Names of files.
    File,
    /// Names, numbers and addresses of contacts.
    Contact,
}

impl Words {
    fn letter(self) -> char {
        match self {
            Self::Message => 'w',
            Self::File => 'v',
            Self::Contact => 'n',
        }
    }
}

/// Only notes, which are messages, too. That something is a message, its words say.
pub(crate) const IS_NOTE: &str = "xnote";
/// Only messages with files.
pub(crate) const HAS_FILE: &str = "xfile";
