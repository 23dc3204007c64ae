use mail_parser::{Message, MessageParser, PartType};

/// A mail with more lines is read up to there: each may begin a header or a part that takes more room than it does.
const MOST_LINES: usize = 1_000_000;
/// The same for lines that may begin a part.
const MOST_DASHES: usize = 4_000;

/// A mail that was parsed.
pub(super) struct Parsed<'x>(Message<'x>);

impl<'x> Parsed<'x> {
    /// Parses as much of a mail as an honest one has.
    pub(super) fn read(raw: &'x [u8]) -> Option<Self> {
        MessageParser::default().parse(bounded(raw)).map(Self)
    }

    pub(super) fn message(&self) -> &Message<'x> {
        &self.0
    }
}

impl Drop for Parsed<'_> {
    /// Takes mails within mails within mails apart one by one: dropping them at once would need a stack as deep as they are.
    fn drop(&mut self) {
        let mut whole = vec![std::mem::take(&mut self.0)];
        while let Some(mut message) = whole.pop() {
            for part in &mut message.parts {
                if let PartType::Message(inner) = &mut part.body {
                    whole.push(std::mem::take(inner));
                }
            }
        }
    }
}

fn bounded(raw: &[u8]) -> &[u8] {
    let (mut lines, mut dashes, mut at) = (0, 0, 0);
    for line in raw.split_inclusive(|byte| *byte == b'\n') {
        lines += 1;
        dashes += usize::from(line.starts_with(b"--"));
        if lines > MOST_LINES || dashes > MOST_DASHES {
            return raw.get(..at).unwrap_or(raw);
        }
        at += line.len();
    }
    raw
}
