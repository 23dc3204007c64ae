use weft_channel::{Event, Reaction, ReceiveError, Received};

use super::{Context, wrong};
use crate::wire::ReactionKind;

impl Context<'_> {
    /// Somebody reacted to a message, or took that back; several at once.
    pub(super) fn reactions(&self) -> Result<Received, ReceiveError> {
        let activity = self.activity;
        let target = activity.reply_to_id.as_deref().or(activity.id.as_deref());
        let target = target.ok_or_else(|| wrong("it does not say to which message"))?;
        let one = |number: usize, kind: &ReactionKind, removed: bool| {
            let (message_id, emoji) = (self.message_id(target), emoji(&kind.kind));
            let which = format!("{number}:{}:{removed}", kind.kind);
            self.event(&which, Event::Reaction(Reaction { message_id, emoji, removed, only: false }))
        };
        let added = activity.reactions_added.iter().map(|kind| (kind, false));
        let removed = activity.reactions_removed.iter().map(|kind| (kind, true));
        let all = added.chain(removed).enumerate();
        let events: Result<Vec<_>, _> =
            all.map(|(number, (kind, removed))| one(number, kind, removed)).collect();
        Ok(Received { events: events?, ..Received::default() })
    }
}

/// The sign of a reaction: one of six words, or the sign's code points before its name.
fn emoji(kind: &str) -> String {
    let known = match kind {
        "like" => "👍",
        "heart" => "❤️",
        "laugh" => "😆",
        "surprised" => "😮",
        "sad" => "😢",
        "angry" => "😠",
        _ => return by_code_points(kind).unwrap_or_else(|| format!(":{kind}:")),
    };
    known.to_owned()
}

fn by_code_points(kind: &str) -> Option<String> {
    let (points, _name) = kind.split_once('_')?;
    points.split('-').map(|point| char::from_u32(u32::from_str_radix(point, 16).ok()?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reaction_is_shown_as_its_sign() {
        let table = [
            ("like", "👍"),
            ("heart", "❤️"),
            ("1f440_eyes", "👀"),
            ("1f468-200d-1f4bb_mantechnologist", "👨‍💻"),
            ("yes", ":yes:"),
            ("zz_top", ":zz_top:"),
            ("110000_none", ":110000_none:"),
        ];
        for (kind, sign) in table {
            assert_eq!(emoji(kind), sign);
        }
    }
}
