//! How many attributes tags have: the tokenizer compares each with all others of its tag, so that many of them take it long.

/// So many attributes one tag has at most.
pub(crate) const MOST_ATTRIBUTES: usize = 200;

/// Where in a tag one is, as the tokenizer goes through it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// In what the tag is called.
    TagName,
    /// Before an attribute.
    Between,
    /// In an attribute's name.
    Name,
    /// Behind an attribute's name, where its value may still come.
    AfterName,
    /// Behind an equals sign.
    BeforeValue,
    /// In a value without quotes.
    Bare,
    /// In a value between these quotes.
    Quoted(u8),
}

impl Place {
    /// Where one is behind this byte; none: the tag is over.
    fn behind(self, byte: u8) -> Option<Self> {
        let is_space = matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b'\x0c');
        let place = match (self, byte) {
            (Self::Quoted(quote), _) if byte == quote => Self::Between,
            (Self::Quoted(_), _) => self,
            (_, b'>') => return None,
            (Self::BeforeValue, b'"' | b'\'') => Self::Quoted(byte),
            (Self::BeforeValue, _) if is_space => Self::BeforeValue,
            (Self::Bare, _) if is_space => Self::Between,
            (Self::BeforeValue | Self::Bare, _) => Self::Bare,
            (_, b'/') => Self::Between,
            (Self::Name | Self::AfterName, b'=') => Self::BeforeValue,
            (Self::Name | Self::AfterName, _) if is_space => Self::AfterName,
            (Self::TagName | Self::Between, _) if is_space => Self::Between,
            (Self::TagName, _) => Self::TagName,
            (Self::Between | Self::Name | Self::AfterName, _) => Self::Name,
        };
        Some(place)
    }
}

/// Whether a tag has more attributes than are read. What stands in a comment, a script or another tag's value only the tokenizer
/// knows: all that begins like a tag is followed here, side by side, so that none is missed. Two that are at the same place go on
/// alike, and the longer one counts: a few are followed at most, however many begin.
pub(crate) fn are_too_many(html: &str) -> bool {
    let mut open: Vec<(Place, usize)> = Vec::new();
    let mut next: Vec<(Place, usize)> = Vec::new();
    let (mut last_but_one, mut last) = (0, 0);
    for byte in html.bytes() {
        for (place, count) in open.drain(..) {
            let Some(behind) = place.behind(byte) else { continue };
            let count = count + usize::from(behind == Place::Name && place != Place::Name);
            if count > MOST_ATTRIBUTES {
                return true;
            }
            follow(&mut next, behind, count);
        }
        if byte.is_ascii_alphabetic() && (last == b'<' || (last_but_one, last) == (b'<', b'/')) {
            follow(&mut next, Place::TagName, 0);
        }
        std::mem::swap(&mut open, &mut next);
        (last_but_one, last) = (last, byte);
    }
    false
}

fn follow(open: &mut Vec<(Place, usize)>, place: Place, count: usize) {
    match open.iter_mut().find(|(there, _)| *there == place) {
        Some((_, most)) => *most = count.max(*most),
        None => open.push((place, count)),
    }
}
