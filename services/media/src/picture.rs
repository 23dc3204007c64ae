//! What the worker makes of a picture, and how it tells us.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

/// A smaller picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Variant {
    /// For lists.
    Thumb,
    /// For screens.
    Preview,
}

impl Variant {
    pub(crate) const ALL: [Self; 2] = [Self::Thumb, Self::Preview];

    /// Its name in links and rows.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Thumb => "thumb",
            Self::Preview => "preview",
        }
    }

    /// How wide and high it is at most, in pixels.
    pub(crate) fn side(self) -> u32 {
        match self {
            Self::Thumb => 320,
            Self::Preview => 1600,
        }
    }
}

/// What was made of a picture.
#[derive(Clone, Debug)]
pub(crate) struct Made {
    /// Of the picture itself, as it is shown.
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) pictures: Vec<Picture>,
}

/// One smaller picture.
#[derive(Clone, Debug)]
pub(crate) struct Picture {
    pub(crate) variant: Variant,
    pub(crate) mime: &'static str,
    pub(crate) width: u32,
    pub(crate) height: u32,
    pub(crate) bytes: Bytes,
}

/// The first line of what the worker says; the bytes of the pictures follow, one after the other.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Head {
    width: u32,
    height: u32,
    pictures: Vec<Entry>,
}

#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    variant: Variant,
    mime: Mime,
    width: u32,
    height: u32,
    bytes: usize,
}

#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
enum Mime {
    #[serde(rename = "image/jpeg")]
    Jpeg,
    #[serde(rename = "image/png")]
    Png,
}

/// What a JPEG is called.
pub(crate) const JPEG: &str = "image/jpeg";
/// What a PNG is called.
pub(crate) const PNG: &str = "image/png";

impl Made {
    /// What the worker says.
    pub(crate) fn write(&self) -> serde_json::Result<Vec<u8>> {
        let entry = |picture: &Picture| Entry {
            variant: picture.variant,
            mime: if picture.mime == PNG { Mime::Png } else { Mime::Jpeg },
            width: picture.width,
            height: picture.height,
            bytes: picture.bytes.len(),
        };
        let pictures = self.pictures.iter().map(entry).collect();
        let mut said = serde_json::to_vec(&Head { width: self.width, height: self.height, pictures })?;
        said.push(b'\n');
        self.pictures.iter().for_each(|picture| said.extend_from_slice(&picture.bytes));
        Ok(said)
    }

    /// What the worker said; none when it is not what a worker says.
    pub(crate) fn read(mut said: Bytes) -> Option<Self> {
        let end = said.iter().position(|byte| *byte == b'\n')?;
        let head: Head = serde_json::from_slice(&said.split_to(end)).ok()?;
        drop(said.split_to(1));
        let mut pictures = Vec::new();
        for entry in head.pictures {
            if entry.bytes > said.len() {
                return None;
            }
            pictures.push(Picture {
                variant: entry.variant,
                mime: match entry.mime {
                    Mime::Jpeg => JPEG,
                    Mime::Png => PNG,
                },
                width: entry.width,
                height: entry.height,
                bytes: said.split_to(entry.bytes),
            });
        }
        said.is_empty().then_some(Self { width: head.width, height: head.height, pictures })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_worker_says_is_read_and_nothing_else_is() {
        let picture = |variant, bytes| Picture { variant, mime: JPEG, width: 3, height: 2, bytes };
        let pictures = vec![
            picture(Variant::Thumb, Bytes::from_static(b"one\n")),
            picture(Variant::Preview, Bytes::from_static(b"two")),
        ];
        let said = Made { width: 30, height: 20, pictures }.write().unwrap();
        let read = Made::read(said.clone().into()).unwrap();
        assert_eq!((read.width, read.height, read.pictures[1].bytes.as_ref()), (30, 20, b"two".as_slice()));
        for wrong in [&said[..said.len() - 1], b"", b"no json\n", &[&said[..], b"more"].concat()] {
            assert!(Made::read(Bytes::copy_from_slice(wrong)).is_none());
        }
    }
}
