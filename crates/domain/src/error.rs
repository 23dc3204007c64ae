use std::{borrow::Cow, fmt, time::Duration};

/// The kinds of failure a caller can tell apart. Mapped once to gRPC (`rpc`) and once to HTTP (`web`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorCode {
    /// The request is wrong; the same request fails again.
    Invalid,
    /// Nobody, or nobody we know, is calling.
    Unauthenticated,
    /// The caller is known and may not do this.
    Forbidden,
    /// No such thing for this caller.
    NotFound,
    /// It exists already, or somebody else changed it first.
    Conflict,
    /// Right request, wrong state.
    Precondition,
    /// The request or its body is larger than allowed.
    TooLarge,
    /// Too many requests; try again after `retry_after`.
    Throttled,
    /// Something we need is down; try again.
    Unavailable,
    /// It took too long; it may have happened.
    Timeout,
    /// Our fault.
    Internal,
}

impl ErrorCode {
    /// All codes, for tables and tests.
    pub const ALL: [Self; 11] = [
        Self::Invalid,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NotFound,
        Self::Conflict,
        Self::Precondition,
        Self::TooLarge,
        Self::Throttled,
        Self::Unavailable,
        Self::Timeout,
        Self::Internal,
    ];

    /// Whether the same call may succeed later without being changed.
    pub fn is_transient(self) -> bool {
        matches!(self, Self::Throttled | Self::Unavailable | Self::Timeout)
    }

    /// Whether it is ours to look at, rather than the caller's to mend.
    pub fn is_ours(self) -> bool {
        matches!(self, Self::Unavailable | Self::Timeout | Self::Internal)
    }
}

/// The error that crosses a service's border.
///
/// `reason` is a stable snake_case word (a page in `docs/errors/` explains it), `message` tells the caller what to do
/// in plain words. The source is for our logs and never leaves the fleet.
#[derive(Debug)]
pub struct Error(Box<Inner>);

#[derive(Debug)]
struct Inner {
    code: ErrorCode,
    reason: Cow<'static, str>,
    message: String,
    field: Option<String>,
    retry_after: Option<Duration>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

impl Error {
    /// Makes an error from all its parts; the named constructors below say it shorter.
    pub fn new(code: ErrorCode, reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            code,
            reason: reason.into(),
            message: message.into(),
            field: None,
            retry_after: None,
            source: None,
        }))
    }

    /// The request is wrong.
    pub fn invalid(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Invalid, reason, message)
    }

    /// One field of the request is wrong.
    pub fn invalid_field(field: &str, message: impl Into<String>) -> Self {
        Self::invalid("invalid_field", message).with_field(field)
    }

    /// No such `kind` for this caller; another tenant's ids answer exactly the same.
    pub fn not_found(kind: &str) -> Self {
        Self::new(ErrorCode::NotFound, "not_found", format!("no such {kind}"))
    }

    /// Nobody we know is calling.
    pub fn unauthenticated(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Unauthenticated, reason, message)
    }

    /// The caller lacks `permission`.
    pub fn forbidden(permission: &str) -> Self {
        Self::new(
            ErrorCode::Forbidden,
            "permission_denied",
            format!("this needs the permission `{permission}`"),
        )
    }

    /// It exists already, or changed meanwhile.
    pub fn conflict(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Conflict, reason, message)
    }

    /// The thing is in a state that does not allow this.
    pub fn precondition(reason: impl Into<Cow<'static, str>>, message: impl Into<String>) -> Self {
        Self::new(ErrorCode::Precondition, reason, message)
    }

    /// Too many requests.
    pub fn throttled(retry_after: Duration) -> Self {
        let mut error =
            Self::new(ErrorCode::Throttled, "rate_limited", "too many requests; slow down and try again");
        error.0.retry_after = Some(retry_after);
        error
    }

    /// Something we need does not answer.
    pub fn unavailable(reason: impl Into<Cow<'static, str>>) -> Self {
        Self::new(ErrorCode::Unavailable, reason, "a part of the system is not available; try again")
    }

    /// Our fault; `source` says to us what happened.
    pub fn internal(source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::new(ErrorCode::Internal, "internal", "something went wrong on our side").with_source(source)
    }

    /// Names the field at fault.
    #[must_use]
    pub fn with_field(mut self, field: &str) -> Self {
        self.0.field = Some(field.to_owned());
        self
    }

    /// Keeps the cause for the logs.
    #[must_use]
    pub fn with_source(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.0.source = Some(source.into());
        self
    }

    /// Says when to try again.
    #[must_use]
    pub fn with_retry_after(mut self, after: Duration) -> Self {
        self.0.retry_after = Some(after);
        self
    }

    /// The kind of failure.
    pub fn code(&self) -> ErrorCode {
        self.0.code
    }

    /// The stable word for programs.
    pub fn reason(&self) -> &str {
        &self.0.reason
    }

    /// The words for people.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// The field at fault, as a path like `settings.api_base`.
    pub fn field(&self) -> Option<&str> {
        self.0.field.as_deref()
    }

    /// How long to wait before trying again.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.0.reason, self.0.message)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.0.source.as_deref().map(|source| source as &(dyn std::error::Error + 'static))
    }
}
