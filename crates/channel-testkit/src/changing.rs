use weft_channel::{
    Change, Retry, SendError,
    change::{self, Edit, React},
};

/// The order to change what a message of a thread became at the provider.
pub fn changing(thread: &str, ids: &[&str], what: change::Change) -> Change {
    Change {
        thread_id: thread.to_owned(),
        provider_message_ids: ids.iter().map(|&id| id.to_owned()).collect(),
        change: Some(what),
        ..Change::default()
    }
}

/// Other words, and nothing under them.
pub fn edit(text: &str) -> change::Change {
    change::Change::Edit(Edit { text: text.to_owned(), ..Edit::default() })
}

/// The emojis that our side has on a message now.
pub fn react(emojis: &[&str]) -> change::Change {
    let emojis = emojis.iter().map(|&emoji| emoji.to_owned()).collect();
    change::Change::React(React { emojis, ..React::default() })
}

/// Asserts that a change was refused for good, and why.
#[track_caller]
pub fn assert_refused(error: &SendError, code: &str, reason: &str) {
    assert_eq!((error.code(), error.retry()), (code, Retry::Never), "{error}");
    assert!(error.why().ends_with(reason), "{error}");
}
