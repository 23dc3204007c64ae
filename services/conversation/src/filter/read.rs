use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde_json::Value;
use uuid::Uuid;
use weft_domain::{
    Error, Result,
    conversation::{Mark, Priority, Status},
    id, parse_word,
};
use weft_proto::{
    conversation::v1::{Filter, filter::Op},
    struct_json,
};

use super::{Custom, IdField, MaybeField, Rule, Side, TimeField, When, Who, WordField};
use crate::tags;

/// So many conditions a filter has at most.
const MOST_CONDITIONS: usize = 50;
/// So deep they lie in each other at most.
const DEEPEST: usize = 5;
/// So many values one condition names at most.
const MOST_VALUES: usize = 100;

/// Reads a filter that was given in `field` of a request.
pub(crate) fn read(filter: &Filter, field: &str) -> Result<Rule> {
    let mut left = MOST_CONDITIONS;
    node(filter, field, DEEPEST, &mut left)
}

fn node(filter: &Filter, at: &str, depth: usize, left: &mut usize) -> Result<Rule> {
    let parts =
        [!filter.all.is_empty(), !filter.any.is_empty(), filter.not.is_some(), !filter.field.is_empty()];
    if parts.iter().filter(|given| **given).count() != 1 {
        return Err(wrong(at, "has exactly one of `all`, `any`, `not` and `field`, and none of them empty"));
    }
    let Some(below) = depth.checked_sub(1) else {
        return Err(wrong(at, &format!("is nested too deeply: {DEEPEST} levels are the most")));
    };
    let mut list = |filters: &[Filter], name: &str| {
        let each = filters.iter().enumerate();
        each.map(|(index, one)| node(one, &format!("{at}.{name}[{index}]"), below, left))
            .collect::<Result<Vec<_>>>()
    };
    if !filter.all.is_empty() {
        return Ok(Rule::All(list(&filter.all, "all")?));
    }
    if !filter.any.is_empty() {
        return Ok(Rule::Any(list(&filter.any, "any")?));
    }
    if let Some(inner) = &filter.not {
        return Ok(Rule::Not(Box::new(node(inner, &format!("{at}.not"), below, left)?)));
    }
    *left = left.checked_sub(1).ok_or_else(|| {
        wrong(at, &format!("is one condition too many: a filter has at most {MOST_CONDITIONS}"))
    })?;
    Condition::of(filter, at)?.rule()
}

/// One condition, as it is read.
struct Condition<'a> {
    at: &'a str,
    field: &'a str,
    op: Op,
    value: Value,
}

impl<'a> Condition<'a> {
    fn of(filter: &'a Filter, at: &'a str) -> Result<Self> {
        let op = Op::try_from(filter.op).unwrap_or_default();
        let value = filter.value.as_ref().map(struct_json::value_of).unwrap_or_default();
        let condition = Self { at, field: &filter.field, op, value };
        let takes_none = matches!(op, Op::Exists | Op::Missing);
        match (op, condition.value.is_null()) {
            (Op::Unspecified, _) => Err(condition.wrong_op()),
            (_, true) if !takes_none => Err(wrong(&condition.value_at(), "is needed")),
            (_, false) if takes_none => {
                Err(wrong(&condition.value_at(), "does not go with `exists` and `missing`"))
            }
            _ => Ok(condition),
        }
    }

    fn rule(&self) -> Result<Rule> {
        match self.field {
            "status" => self.words::<Status>(WordField::Status),
            "priority" => self.words::<Priority>(WordField::Priority),
            "channel_kind" => self.among(|texts| Ok(Rule::Word(WordField::ChannelKind, texts))),
            "assignee" if self.is_about_presence() => self.presence(MaybeField::Assignee),
            "assignee" => self.ids(IdField::Assignee, |at, text| Ok(id::parse::<id::User>(at, text)?.uuid())),
            "team" if self.is_about_presence() => self.presence(MaybeField::Team),
            "team" => self.ids(IdField::Team, |at, text| Ok(id::parse::<id::Team>(at, text)?.uuid())),
            "channel" => {
                self.ids(IdField::Channel, |at, text| Ok(id::parse::<id::Channel>(at, text)?.uuid()))
            }
            "contact" => {
                self.ids(IdField::Contact, |at, text| Ok(id::parse::<id::Contact>(at, text)?.uuid()))
            }
            "tag" if self.is_about_presence() => self.presence(MaybeField::Tag),
            "tag" => self.among(|texts| {
                let tags = texts.iter().map(|text| tags::read(text, &self.value_at()));
                Ok(Rule::Tag(tags.collect::<Result<_>>()?))
            }),
            "mark" => self.among(|texts| {
                let marks = texts.iter().map(|text| parse_word::<Mark>(&self.value_at(), text));
                Ok(Rule::Mark(marks.collect::<std::result::Result<_, _>>()?))
            }),
            "unread" => self.flag(Rule::Unread),
            "archived" => self.flag(Rule::Has(MaybeField::ArchivedAt)),
            "created_at" => self.time(TimeField::CreatedAt, None),
            "updated_at" => self.time(TimeField::UpdatedAt, None),
            "active_at" => self.time(TimeField::ActiveAt, None),
            "waiting_since" => self.time(TimeField::WaitingSince, Some(MaybeField::WaitingSince)),
            "snoozed_until" => self.time(TimeField::SnoozedUntil, Some(MaybeField::SnoozedUntil)),
            "archived_at" => self.time(TimeField::ArchivedAt, Some(MaybeField::ArchivedAt)),
            other => match other.strip_prefix("fields.").filter(|key| is_key(key)) {
                Some(key) => self.custom(key),
                None => Err(wrong(&format!("{}.field", self.at), "is no field that can be filtered by")),
            },
        }
    }

    fn words<T: std::str::FromStr + strum::VariantNames + ToString>(&self, field: WordField) -> Result<Rule> {
        self.among(|texts| {
            let words = texts.iter().map(|text| parse_word::<T>(&self.value_at(), text));
            let words = words.map(|word| word.map(|word| word.to_string()));
            Ok(Rule::Word(field, words.collect::<std::result::Result<_, _>>()?))
        })
    }

    fn ids(&self, field: IdField, parse: impl Fn(&str, &str) -> Result<Uuid>) -> Result<Rule> {
        self.among(|texts| {
            let ids = texts.iter().map(|text| match text.as_str() {
                "me" if field == IdField::Assignee => Ok(Who::Me),
                text => parse(&self.value_at(), text).map(Who::Id),
            });
            Ok(Rule::Id(field, ids.collect::<std::result::Result<_, _>>()?))
        })
    }

    /// `is`, `is_not`, `any_of` and `none_of` of texts.
    fn among(&self, rule: impl FnOnce(Vec<String>) -> Result<Rule>) -> Result<Rule> {
        let text = |value: &Value| {
            value.as_str().map(str::to_owned).ok_or_else(|| wrong(&self.value_at(), "must be text"))
        };
        let texts = match self.op {
            Op::Is | Op::IsNot => vec![text(&self.value)?],
            Op::AnyOf | Op::NoneOf => self.list()?.iter().map(text).collect::<Result<_>>()?,
            _ => return Err(self.wrong_op()),
        };
        self.maybe_not(rule(texts)?)
    }

    fn list(&self) -> Result<&Vec<Value>> {
        let fits = |list: &&Vec<Value>| (1..=MOST_VALUES).contains(&list.len());
        let words = || wrong(&self.value_at(), &format!("must be a list of 1 to {MOST_VALUES} values"));
        self.value.as_array().filter(fits).ok_or_else(words)
    }

    fn maybe_not(&self, rule: Rule) -> Result<Rule> {
        Ok(if matches!(self.op, Op::IsNot | Op::NoneOf) { Rule::Not(Box::new(rule)) } else { rule })
    }

    fn flag(&self, rule: Rule) -> Result<Rule> {
        let Op::Is = self.op else { return Err(self.wrong_op()) };
        match self.value {
            Value::Bool(true) => Ok(rule),
            Value::Bool(false) => Ok(Rule::Not(Box::new(rule))),
            _ => Err(wrong(&self.value_at(), "must be true or false")),
        }
    }

    fn is_about_presence(&self) -> bool {
        matches!(self.op, Op::Exists | Op::Missing)
    }

    fn presence(&self, field: MaybeField) -> Result<Rule> {
        let has = Rule::Has(field);
        Ok(if self.op == Op::Missing { Rule::Not(Box::new(has)) } else { has })
    }

    fn time(&self, field: TimeField, maybe: Option<MaybeField>) -> Result<Rule> {
        if let (true, Some(maybe)) = (self.is_about_presence(), maybe) {
            return self.presence(maybe);
        }
        let side = self.side(Op::Before, Op::After)?;
        let words = "must be a time like `2026-11-22T08:00:00Z`, or so long ago, like `-7d`, `-4h` or `-30m`";
        let when = self.value.as_str().and_then(when).ok_or_else(|| wrong(&self.value_at(), words))?;
        Ok(Rule::Time(field, side, when))
    }

    fn side(&self, before: Op, after: Op) -> Result<Side> {
        match self.op {
            op if op == before => Ok(Side::Before),
            op if op == after => Ok(Side::After),
            _ => Err(self.wrong_op()),
        }
    }

    fn custom(&self, key: &str) -> Result<Rule> {
        let rule = |custom| Rule::Custom(key.to_owned(), custom);
        Ok(match (self.op, &self.value) {
            (Op::Exists, _) => rule(Custom::There),
            (Op::Missing, _) => Rule::Not(Box::new(rule(Custom::There))),
            (Op::Is | Op::IsNot, Value::Bool(flag)) => self.maybe_not(rule(Custom::Flag(*flag)))?,
            (Op::Is | Op::IsNot, value @ (Value::String(_) | Value::Number(_))) => {
                self.maybe_not(rule(self.custom_values(std::slice::from_ref(value))?))?
            }
            (Op::AnyOf | Op::NoneOf, _) => self.maybe_not(rule(self.custom_values(self.list()?)?))?,
            (Op::LessThan | Op::MoreThan, value) => {
                let number = value.as_f64().ok_or_else(|| wrong(&self.value_at(), "must be a number"))?;
                rule(Custom::Beside(self.side(Op::LessThan, Op::MoreThan)?, number))
            }
            (Op::Before | Op::After, value) => {
                let day = value.as_str().filter(|text| text.parse::<NaiveDate>().is_ok());
                let day = day.ok_or_else(|| wrong(&self.value_at(), "must be a day like `2026-11-22`"))?;
                rule(Custom::Around(self.side(Op::Before, Op::After)?, day.to_owned()))
            }
            _ => return Err(wrong(&self.value_at(), "must be text, a number, true or false")),
        })
    }

    fn custom_values(&self, values: &[Value]) -> Result<Custom> {
        let texts: Option<Vec<String>> = values.iter().map(|one| one.as_str().map(str::to_owned)).collect();
        let numbers = || values.iter().map(Value::as_f64).collect::<Option<Vec<f64>>>();
        texts
            .map(Custom::Text)
            .or_else(|| numbers().map(Custom::Number))
            .ok_or_else(|| wrong(&self.value_at(), "must be all texts or all numbers"))
    }

    fn value_at(&self) -> String {
        format!("{}.value", self.at)
    }

    fn wrong_op(&self) -> Error {
        let words = match self.field {
            "status" | "priority" | "channel_kind" | "channel" | "contact" | "mark" => {
                "`is`, `is_not`, `any_of` or `none_of`"
            }
            "assignee" | "team" | "tag" => "`is`, `is_not`, `any_of`, `none_of`, `exists` or `missing`",
            "unread" | "archived" => "`is`",
            "created_at" | "updated_at" | "active_at" => "`before` or `after`",
            "waiting_since" | "snoozed_until" | "archived_at" => "`before`, `after`, `exists` or `missing`",
            _ => "one of those that fit the field",
        };
        wrong(&format!("{}.op", self.at), &format!("must be {words}"))
    }
}

/// Whether a custom field may be called so. Nothing of it means something in SQL.
pub(crate) fn is_key(text: &str) -> bool {
    text.len() <= 40
        && text.starts_with(|first: char| first.is_ascii_lowercase())
        && text.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_')
}

fn when(text: &str) -> Option<When> {
    if let Ok(at) = DateTime::parse_from_rfc3339(text) {
        return Some(When::At(at.with_timezone(&Utc)));
    }
    let ago = text.strip_prefix('-')?;
    let unit = ago.chars().last()?;
    let number: i64 = ago.strip_suffix(unit)?.parse::<u16>().ok()?.into();
    let ago = match unit {
        'm' => TimeDelta::try_minutes(number),
        'h' => TimeDelta::try_hours(number),
        'd' => TimeDelta::try_days(number),
        'w' => TimeDelta::try_weeks(number),
        _ => None,
    };
    ago.map(When::Ago)
}

fn wrong(at: &str, words: &str) -> Error {
    Error::invalid_field(at, format!("`{at}` {words}"))
}
