//! Filters as conditions of a query over conversations.

use sea_orm::{
    ColumnTrait, Condition, ExprTrait, IdenStatic, Value,
    sea_query::{Alias, Expr, Query, SimpleExpr},
};
use uuid::Uuid;
use weft_store::Tx;

use super::{
    conversations,
    entity::{
        conversation::{Column, Entity},
        conversation_mark, conversation_tag,
    },
};
use crate::filter::{Custom, IdField, MaybeField, Rule, Side, TimeField, Who, WordField};

/// The condition that a rule holds as `me` sees it. It is never unknown: what is missing does not fit.
pub(crate) fn to(tx: &Tx, rule: &Rule, me: Uuid) -> Condition {
    let one = |expression: SimpleExpr| Condition::all().add(expression);
    match rule {
        Rule::All(rules) => rules.iter().fold(Condition::all(), |all, rule| all.add(to(tx, rule, me))),
        Rule::Any(rules) => rules.iter().fold(Condition::any(), |any, rule| any.add(to(tx, rule, me))),
        Rule::Not(rule) => to(tx, rule, me).not(),
        Rule::Word(field, words) => one(word(*field).is_in(words.clone())),
        Rule::Id(field, ids) => {
            let ids = ids.iter().map(|id| match id {
                Who::Me => me,
                Who::Id(id) => *id,
            });
            let column = id_column(*field);
            let is_one = column.is_in(ids);
            let may_be_missing = matches!(field, IdField::Assignee | IdField::Team);
            if may_be_missing { present(column).add(is_one) } else { one(is_one) }
        }
        Rule::Has(field) => has(tx, *field),
        Rule::Tag(tags) => one(tagged(tx, Some(tags))),
        Rule::Mark(marks) => one(marked(tx, me, marks.iter().map(ToString::to_string).collect())),
        Rule::Unread => one(Expr::cust(conversations::UNREAD)),
        Rule::Time(field, side, when) => {
            let (column, at) = (time_column(*field), when.instant(tx.now()));
            present(column).add(match side {
                Side::Before => column.lt(at),
                Side::After => column.gt(at),
            })
        }
        Rule::Custom(key, wanted) => custom(tx, key, wanted),
    }
}

fn present(column: Column) -> Condition {
    Condition::all().add(column.is_not_null())
}

fn word(field: WordField) -> Column {
    match field {
        WordField::Status => Column::Status,
        WordField::Priority => Column::Priority,
        WordField::ChannelKind => Column::ChannelKind,
    }
}

fn id_column(field: IdField) -> Column {
    match field {
        IdField::Assignee => Column::Assignee,
        IdField::Team => Column::Team,
        IdField::Channel => Column::ChannelId,
        IdField::Contact => Column::ContactId,
    }
}

fn time_column(field: TimeField) -> Column {
    match field {
        TimeField::CreatedAt => Column::CreatedAt,
        TimeField::UpdatedAt => Column::UpdatedAt,
        TimeField::ActiveAt => Column::ActiveAt,
        TimeField::WaitingSince => Column::WaitingSince,
        TimeField::SnoozedUntil => Column::SnoozedUntil,
        TimeField::ArchivedAt => Column::ArchivedAt,
    }
}

fn has(tx: &Tx, field: MaybeField) -> Condition {
    let column = match field {
        MaybeField::Assignee => Column::Assignee,
        MaybeField::Team => Column::Team,
        MaybeField::ArchivedAt => Column::ArchivedAt,
        MaybeField::WaitingSince => Column::WaitingSince,
        MaybeField::SnoozedUntil => Column::SnoozedUntil,
        MaybeField::Tag => return Condition::all().add(tagged(tx, None)),
    };
    present(column)
}

/// Of conversations those that have one of these tags, or any.
pub(crate) fn tagged(tx: &Tx, tags: Option<&[String]>) -> SimpleExpr {
    use conversation_tag::{Column as Tag, Entity as Tags};
    let mut theirs = Query::select();
    theirs
        .column(Tag::ConversationId)
        .from(Tags)
        .and_where(Expr::col((Tags, Tag::TenantId)).eq(tx.tenant().uuid()));
    if let Some(tags) = tags {
        theirs.and_where(Expr::col((Tags, Tag::Tag)).is_in(tags.iter().cloned()));
    }
    Column::Id.in_subquery(theirs)
}

/// Of conversations those that somebody put one of these marks on.
pub(crate) fn marked(tx: &Tx, user: Uuid, marks: Vec<String>) -> SimpleExpr {
    use conversation_mark::{Column as Mark, Entity as Marks};
    let theirs = Query::select()
        .column(Mark::ConversationId)
        .from(Marks)
        .and_where(Expr::col((Marks, Mark::TenantId)).eq(tx.tenant().uuid()))
        .and_where(Expr::col((Marks, Mark::UserId)).eq(user))
        .and_where(Expr::col((Marks, Mark::Mark)).is_in(marks))
        .to_owned();
    Column::Id.in_subquery(theirs)
}

/// A key is letters, digits and `_`, so that it can stand in SQL.
fn custom(tx: &Tx, key: &str, wanted: &Custom) -> Condition {
    let fields = format!("\"{}\".\"{}\"", sea_orm::EntityName::table_name(&Entity), Column::Fields.as_str());
    let is = |postgres: &str, sqlite: &[&str]| {
        if tx.is_postgres() {
            let kind = Expr::cust(format!("COALESCE(jsonb_typeof({fields} -> '{key}'), '')"));
            return Condition::all().add(kind.eq(postgres));
        }
        let kind = Expr::cust(format!("COALESCE(json_type({fields}, '$.{key}'), '')"));
        Condition::all().add(kind.is_in(sqlite.iter().copied()))
    };
    let text = Expr::cust(format!("({fields} ->> '{key}')"));
    let number = || {
        let value = Expr::cust(format!("({fields} ->> '{key}')"));
        if !tx.is_postgres() {
            return value;
        }
        // what is no number is not read as one, whichever of two conditions is looked at first
        let read =
            format!("CASE WHEN jsonb_typeof({fields} -> '{key}') = 'number' THEN ({fields} ->> '{key}') END");
        Expr::cust(read).cast_as(Alias::new("float8"))
    };
    match wanted {
        Custom::There if tx.is_postgres() => {
            Condition::all().add(Expr::cust(format!("jsonb_exists({fields}, '{key}')")))
        }
        Custom::There => {
            Condition::all().add(Expr::cust(format!("json_type({fields}, '$.{key}') IS NOT NULL")))
        }
        Custom::Text(texts) => is("string", &["text"]).add(text.is_in(texts.clone())),
        Custom::Flag(flag) if tx.is_postgres() => is("boolean", &[]).add(text.eq(flag.to_string())),
        Custom::Flag(flag) => is("", &[if *flag { "true" } else { "false" }]),
        Custom::Number(numbers) => {
            is("number", &NUMBERS).add(number().is_in(numbers.iter().copied().map(Value::from)))
        }
        Custom::Beside(Side::Before, other) => is("number", &NUMBERS).add(number().lt(*other)),
        Custom::Beside(Side::After, other) => is("number", &NUMBERS).add(number().gt(*other)),
        // byte by byte, as in memory, whatever the database's language
        Custom::Around(side, other) => {
            let text = if tx.is_postgres() {
                Expr::cust(format!("({fields} ->> '{key}') COLLATE \"C\""))
            } else {
                text
            };
            is("string", &["text"]).add(match side {
                Side::Before => text.lt(other.clone()),
                Side::After => text.gt(other.clone()),
            })
        }
    }
}

/// What SQLite calls a number.
const NUMBERS: [&str; 2] = ["integer", "real"];
