//! What conversations are narrowed to: read from a request, asked of the database by [`crate::store::narrow`], and of one
//! conversation in memory by [`Rule::holds`]. Both say the same.

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;
use weft_domain::{Result, conversation::Mark};
use weft_proto::conversation::v1::Filter;

mod holds;
mod read;

pub(crate) use holds::Facts;
pub(crate) use read::{is_key, read};

/// A filter that was read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Rule {
    /// All of these hold.
    All(Vec<Self>),
    /// At least one of these holds.
    Any(Vec<Self>),
    /// This does not hold.
    Not(Box<Self>),
    /// A word of the conversation is one of these.
    Word(WordField, Vec<String>),
    /// An id of the conversation is one of these.
    Id(IdField, Vec<Who>),
    /// The conversation has this.
    Has(MaybeField),
    /// It has one of these tags.
    Tag(Vec<String>),
    /// Somebody put one of these marks on it.
    Mark(Vec<Mark>),
    /// It has unread messages.
    Unread,
    /// A time of the conversation is there, and before or after another.
    Time(TimeField, Side, When),
    /// A custom field is there, and fits.
    Custom(String, Custom),
}

/// What is one word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WordField {
    /// Where it stands.
    Status,
    /// How urgent it is.
    Priority,
    /// The kind of its channel.
    ChannelKind,
}

/// What is an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IdField {
    /// Whose it is.
    Assignee,
    /// The team it is with.
    Team,
    /// The channel it is answered on.
    Channel,
    /// Whom it is with.
    Contact,
}

/// An id that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Who {
    /// Whoever looks.
    Me,
    /// This one.
    Id(Uuid),
}

/// What may be missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MaybeField {
    /// Somebody has it.
    Assignee,
    /// A team has it.
    Team,
    /// It has a tag.
    Tag,
    /// It is archived.
    ArchivedAt,
    /// The contact waits.
    WaitingSince,
    /// It opens by itself.
    SnoozedUntil,
}

/// What is a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeField {
    /// When it began.
    CreatedAt,
    /// When it last changed.
    UpdatedAt,
    /// When something last happened.
    ActiveAt,
    /// Since when the contact waits.
    WaitingSince,
    /// When it opens by itself.
    SnoozedUntil,
    /// Since when it is out of the lists.
    ArchivedAt,
}

/// On which side of another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    /// Smaller.
    Before,
    /// Larger.
    After,
}

/// A time that is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum When {
    /// This one.
    At(DateTime<Utc>),
    /// So long ago, whenever somebody looks.
    Ago(TimeDelta),
}

/// What a custom field's value has to be.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Custom {
    /// Anything.
    There,
    /// One of these texts.
    Text(Vec<String>),
    /// One of these numbers.
    Number(Vec<f64>),
    /// This.
    Flag(bool),
    /// A number on this side of another.
    Beside(Side, f64),
    /// A day, or another text, on this side of another.
    Around(Side, String),
}

/// Reads a saved view's filter. What is archived is in no view whose filter says nothing of it.
pub(crate) fn of_view(filter: &Filter) -> Result<Rule> {
    let rule = read(filter, "filter")?;
    if rule.names_archived() {
        return Ok(rule);
    }
    let is_in_lists = Rule::Not(Box::new(Rule::Has(MaybeField::ArchivedAt)));
    Ok(Rule::All(vec![rule, is_in_lists]))
}

impl When {
    /// The instant that is meant now.
    pub(crate) fn instant(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::At(at) => at,
            Self::Ago(ago) => now.checked_sub_signed(ago).unwrap_or(DateTime::UNIX_EPOCH),
        }
    }
}

impl Rule {
    /// Whether it says something of this, anywhere.
    fn any(&self, is_it: &dyn Fn(&Self) -> bool) -> bool {
        is_it(self)
            || match self {
                Self::All(rules) | Self::Any(rules) => rules.iter().any(|rule| rule.any(is_it)),
                Self::Not(rule) => rule.any(is_it),
                _ => false,
            }
    }

    /// Whether it asks for archived ones, or not archived ones.
    pub(crate) fn names_archived(&self) -> bool {
        self.any(&|rule| {
            matches!(rule, Self::Has(MaybeField::ArchivedAt) | Self::Time(TimeField::ArchivedAt, ..))
        })
    }

    /// Whether it holds for one and not for another who looks.
    pub(crate) fn is_personal(&self) -> bool {
        self.any(&|rule| match rule {
            Self::Id(_, ids) => ids.contains(&Who::Me),
            Self::Mark(_) => true,
            _ => false,
        })
    }

    /// Whether it begins and ends to hold by itself, as time goes by.
    pub(crate) fn moves(&self) -> bool {
        self.any(&|rule| matches!(rule, Self::Time(_, _, When::Ago(_))))
    }

    /// Whether it holds only for those who have a conversation or put a mark on it, so that they can be found from there.
    pub(crate) fn needs_ties(&self) -> bool {
        match self {
            Self::All(rules) => rules.iter().any(Self::needs_ties),
            Self::Any(rules) => rules.iter().all(Self::needs_ties),
            Self::Id(IdField::Assignee, ids) => ids.iter().all(|id| *id == Who::Me),
            Self::Mark(_) => true,
            _ => false,
        }
    }

    /// The keys of custom fields it asks for.
    pub(crate) fn custom_keys(&self) -> Vec<&str> {
        match self {
            Self::All(rules) | Self::Any(rules) => rules.iter().flat_map(Self::custom_keys).collect(),
            Self::Not(rule) => rule.custom_keys(),
            Self::Custom(key, _) => vec![key],
            _ => Vec::new(),
        }
    }
}
