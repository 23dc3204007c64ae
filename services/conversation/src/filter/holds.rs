use chrono::{DateTime, Utc};
use serde_json::Value;
use uuid::Uuid;

use super::{Custom, IdField, MaybeField, Rule, Side, TimeField, Who, WordField};
use crate::store::entity::{conversation, conversation_mark};

/// A conversation as a rule looks at it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    /// The conversation.
    pub(crate) row: &'a conversation::Model,
    /// Everybody's marks on it.
    pub(crate) marks: &'a [conversation_mark::Model],
    /// The present instant.
    pub(crate) now: DateTime<Utc>,
}

impl Rule {
    /// Whether it holds for a conversation as `me` sees it.
    pub(crate) fn holds(&self, facts: &Facts<'_>, me: Uuid) -> bool {
        let row = facts.row;
        match self {
            Self::All(rules) => rules.iter().all(|rule| rule.holds(facts, me)),
            Self::Any(rules) => rules.iter().any(|rule| rule.holds(facts, me)),
            Self::Not(rule) => !rule.holds(facts, me),
            Self::Word(field, words) => words.iter().any(|word| word == word_of(row, *field)),
            Self::Id(field, ids) => id_of(row, *field).is_some_and(|id| {
                ids.iter().any(|wanted| match wanted {
                    Who::Me => id == me,
                    Who::Id(wanted) => id == *wanted,
                })
            }),
            Self::Has(field) => has(row, *field),
            Self::Tag(tags) => tags.iter().any(|tag| row.tags.0.contains(tag)),
            Self::Mark(marks) => facts
                .marks
                .iter()
                .any(|mark| mark.user_id == me && marks.iter().any(|wanted| wanted.to_string() == mark.mark)),
            Self::Unread => row.unread_count > 0,
            Self::Time(field, side, when) => {
                let at = when.instant(facts.now);
                time_of(row, *field).is_some_and(|time| match side {
                    Side::Before => time < at,
                    Side::After => time > at,
                })
            }
            Self::Custom(key, wanted) => row.fields.0.get(key).is_some_and(|value| fits(value, wanted)),
        }
    }
}

fn word_of(row: &conversation::Model, field: WordField) -> &str {
    match field {
        WordField::Status => &row.status,
        WordField::Priority => &row.priority,
        WordField::ChannelKind => &row.channel_kind,
    }
}

fn id_of(row: &conversation::Model, field: IdField) -> Option<Uuid> {
    match field {
        IdField::Assignee => row.assignee,
        IdField::Team => row.team,
        IdField::Channel => Some(row.channel_id),
        IdField::Contact => Some(row.contact_id),
    }
}

fn time_of(row: &conversation::Model, field: TimeField) -> Option<DateTime<Utc>> {
    match field {
        TimeField::CreatedAt => Some(row.created_at),
        TimeField::UpdatedAt => Some(row.updated_at),
        TimeField::ActiveAt => Some(row.active_at),
        TimeField::WaitingSince => row.waiting_since,
        TimeField::SnoozedUntil => row.snoozed_until,
        TimeField::ArchivedAt => row.archived_at,
    }
}

fn has(row: &conversation::Model, field: MaybeField) -> bool {
    match field {
        MaybeField::Assignee => row.assignee.is_some(),
        MaybeField::Team => row.team.is_some(),
        MaybeField::Tag => !row.tags.0.is_empty(),
        MaybeField::ArchivedAt => row.archived_at.is_some(),
        MaybeField::WaitingSince => row.waiting_since.is_some(),
        MaybeField::SnoozedUntil => row.snoozed_until.is_some(),
    }
}

fn fits(value: &Value, wanted: &Custom) -> bool {
    match wanted {
        Custom::There => true,
        Custom::Text(texts) => value.as_str().is_some_and(|text| texts.iter().any(|wanted| wanted == text)),
        Custom::Number(numbers) => value.as_f64().is_some_and(|number| numbers.contains(&number)),
        Custom::Flag(wanted) => value.as_bool() == Some(*wanted),
        Custom::Beside(Side::Before, other) => value.as_f64().is_some_and(|number| number < *other),
        Custom::Beside(Side::After, other) => value.as_f64().is_some_and(|number| number > *other),
        Custom::Around(Side::Before, other) => value.as_str().is_some_and(|text| text < other.as_str()),
        Custom::Around(Side::After, other) => value.as_str().is_some_and(|text| text > other.as_str()),
    }
}
