use bytes::Bytes;

use crate::Multipart;

/// What a request carries.
#[derive(Default)]
pub(crate) enum Body {
    #[default]
    None,
    Bytes(Bytes),
    Multipart(Multipart),
}
