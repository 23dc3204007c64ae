use std::error::Error;

/// What a task may end with: nothing, or a `Result` whose error is logged under the task's name.
pub trait TaskOutcome: Send + 'static {
    /// The error, if it ended with one.
    fn into_error(self) -> Option<Box<dyn Error + Send + Sync>>;
}

impl TaskOutcome for () {
    fn into_error(self) -> Option<Box<dyn Error + Send + Sync>> {
        None
    }
}

impl<E> TaskOutcome for Result<(), E>
where
    E: Into<Box<dyn Error + Send + Sync>> + Send + 'static,
{
    fn into_error(self) -> Option<Box<dyn Error + Send + Sync>> {
        self.err().map(Into::into)
    }
}
