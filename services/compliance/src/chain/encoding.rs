//! Deterministic bytes: each field led by its length (u32, big endian), numbers as eight bytes, lists led by their count.

use prost_types::Timestamp;

/// Bytes in the making.
pub(crate) struct Encoding(Vec<u8>);

impl Encoding {
    /// Begins with what the bytes are, so that those of one kind are never those of another.
    pub(crate) fn of(kind: &str) -> Self {
        let mut begun = Self(Vec::with_capacity(512));
        begun.bytes(kind.as_bytes());
        begun
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) {
        let length = u32::try_from(bytes.len()).expect("no field reaches 4 GiB: events are far smaller");
        self.0.extend_from_slice(&length.to_be_bytes());
        self.0.extend_from_slice(bytes);
    }

    pub(crate) fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
    }

    pub(crate) fn number(&mut self, number: u64) {
        self.bytes(&number.to_be_bytes());
    }

    /// Microseconds since 1970: databases keep no more.
    pub(crate) fn time(&mut self, time: Option<&Timestamp>) {
        let micros = time.map_or(0, |time| {
            time.seconds.saturating_mul(1_000_000).saturating_add(i64::from(time.nanos) / 1_000)
        });
        self.bytes(&micros.to_be_bytes());
    }

    pub(crate) fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Self, &T)) {
        self.number(u64::try_from(items.len()).unwrap_or(u64::MAX));
        for item in items {
            each(self, item);
        }
    }

    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }
}
