use std::io;

use bytes::Bytes;
use futures::Stream;
use reqwest::{
    Body,
    multipart::{Form, Part},
};

/// A `multipart/form-data` body.
#[derive(Default)]
pub struct Multipart {
    form: Form,
    fault: Option<String>,
}

impl Multipart {
    /// An empty form.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a field.
    #[must_use]
    pub fn text(self, name: &str, value: impl Into<String>) -> Self {
        let part = Part::text(value.into());
        self.add(name, part)
    }

    /// Adds a file that is at hand.
    #[must_use]
    pub fn file(self, name: &str, file_name: &str, content_type: &str, content: Bytes) -> Self {
        let length = u64::try_from(content.len()).unwrap_or(u64::MAX);
        let part = Part::stream_with_length(content, length);
        self.add_file(name, file_name, content_type, part)
    }

    /// Adds a file that arrives while it is sent; some servers take none whose length is not known beforehand.
    #[must_use]
    pub fn stream(
        self,
        name: &str,
        file_name: &str,
        content_type: &str,
        length: Option<u64>,
        content: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    ) -> Self {
        let body = Body::wrap_stream(content);
        let part = match length {
            Some(length) => Part::stream_with_length(body, length),
            None => Part::stream(body),
        };
        self.add_file(name, file_name, content_type, part)
    }

    fn add_file(mut self, name: &str, file_name: &str, content_type: &str, part: Part) -> Self {
        match part.file_name(file_name.to_owned()).mime_str(content_type) {
            Ok(typed) => self.add(name, typed),
            Err(error) => {
                self.fault.get_or_insert(format!("content type of part {name}: {error}"));
                self
            }
        }
    }

    fn add(self, name: &str, part: Part) -> Self {
        Self { form: self.form.part(name.to_owned(), part), fault: self.fault }
    }

    pub(crate) fn into_form(self) -> Result<Form, String> {
        self.fault.map_or(Ok(self.form), Err)
    }
}
