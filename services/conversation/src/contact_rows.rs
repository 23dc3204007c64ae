//! What rows of a file say of contacts.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use serde_json::{Map, Value};
use unicode_normalization::UnicodeNormalization;
use uuid::Uuid;
use weft_domain::{Error, Result};

use crate::{
    address,
    csv_rows::{self, unreadable},
    custom_fields::{self, Kind, Of},
    lookup, show,
    store::{
        contact_files::{Layout, Said},
        custom_fields::Values,
        entity::{contact, custom_field},
    },
    tags,
};

/// What columns can be, besides custom fields.
const TAKEN: [&str; 6] = ["id", "name", "email", "phone", "language", "tags"];
/// What an export has besides, and an import leaves alone.
const LEFT: [&str; 3] = ["channels", "created_at", "blocked"];
/// What a custom field's column begins with.
pub(crate) const FIELD: &str = "fields.";
/// So many columns a file may have.
const MOST_COLUMNS: usize = 500;
/// The longest name, as providers give some.
const LONGEST_NAME: usize = 500;
const LONGEST_LANGUAGE: usize = 35;

/// What a row says of a contact.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// What an export called the contact by; others' ids are none.
    pub(crate) id: Option<Uuid>,
    name: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) phone: Option<String>,
    language: Option<String>,
    tags: Vec<String>,
    fields: Map<String, Value>,
}

/// Checks what the columns of a file are said to be.
pub(crate) fn said(columns: HashMap<String, String>, known: &[custom_field::Model]) -> Result<Said> {
    if columns.len() > MOST_COLUMNS {
        let words = format!("`columns` may name {MOST_COLUMNS} columns; here are {}", columns.len());
        return Err(Error::invalid_field("columns", words));
    }
    let mut said = BTreeMap::new();
    for (heading, column) in columns {
        let column = column.trim().to_owned();
        let is_known = column.is_empty() || is_left(&column) || is_taken(&column, known);
        if !is_known {
            let words = format!(
                "“{column}” is none of {}, `fields.` and the key of a custom field of contacts, or empty: leave it out",
                TAKEN.join(", ")
            );
            return Err(Error::invalid_field("columns", words));
        }
        said.insert(heading.trim().to_owned(), column);
    }
    Ok(Said(said))
}

fn is_taken(column: &str, known: &[custom_field::Model]) -> bool {
    let is_field = |key: &str| known.iter().any(|field| field.key == key);
    TAKEN.contains(&column) || column.strip_prefix(FIELD).is_some_and(is_field)
}

fn is_left(column: &str) -> bool {
    LEFT.contains(&column)
}

/// What is under each heading.
pub(crate) fn columns(
    headings: Vec<String>,
    said: &Said,
    known: &[custom_field::Model],
) -> Result<Vec<(String, String)>> {
    if headings.len() > MOST_COLUMNS {
        let words =
            format!("a file with contacts may have {MOST_COLUMNS} columns; this one has {}", headings.len());
        return Err(unreadable(words));
    }
    let headings: Vec<(String, String)> =
        headings.into_iter().map(|heading| (own_name(&heading), heading)).collect();
    let there: HashSet<&str> = headings.iter().map(|(own, _)| own.as_str()).collect();
    if let Some(missing) = said.0.keys().find(|named| !there.contains(own_name(named).as_str())) {
        return Err(unreadable(format!("the file has no column “{missing}”, which `columns` names")));
    }
    let mut named = HashMap::with_capacity(said.0.len());
    for (heading, column) in &said.0 {
        named.entry(own_name(heading)).or_insert(column);
    }
    let mut seen = BTreeSet::new();
    let mut columns = Vec::with_capacity(headings.len());
    for (own, heading) in headings {
        let column = named.get(&own).map(|column| (*column).clone()).unwrap_or(own);
        if !column.is_empty() && !is_left(&column) {
            if !is_taken(&column, known) {
                let words = format!(
                    "the column “{heading}” is none that is known; say in `columns` what it is, or \"\" to leave it out"
                );
                return Err(unreadable(words));
            }
            if !seen.insert(column.clone()) {
                return Err(unreadable(format!(
                    "two columns are `{column}`; say in `columns` which one counts"
                )));
            }
        }
        columns.push((heading, if is_left(&column) { String::new() } else { column }));
    }
    if !["id", "name", "email", "phone"].iter().any(|needed| seen.contains(*needed)) {
        return Err(unreadable("the file has none of the columns `id`, `name`, `email` and `phone`"));
    }
    Ok(columns)
}

/// What a column is by what it is called, in one way to write it: keys of custom fields are small letters, too.
fn own_name(heading: &str) -> String {
    heading.nfc().collect::<String>().to_lowercase()
}

impl Layout {
    /// What a row says.
    pub(crate) fn read(
        &self,
        cells: &[String],
        country: &str,
        known: &[custom_field::Model],
    ) -> Result<Told> {
        if let Some(extra) = cells.get(self.columns.len()..)
            && extra.iter().any(|cell| !cell.trim().is_empty())
        {
            let (are, may) = (cells.len(), self.columns.len());
            let words = format!("the row has {are} cells, and the heading {may}; is a quote missing?");
            return Err(Error::invalid("too_many_cells", words));
        }
        let mut told = Told::default();
        for ((heading, column), cell) in self.columns.iter().zip(cells) {
            let text = cell.trim();
            if text.is_empty() {
                continue;
            }
            told.put(column, text, country, known).map_err(|error| error.with_field(heading))?;
        }
        if told.id.is_none() {
            told.names_somebody()?;
        }
        Ok(told)
    }

    /// The heading of the column that something is in.
    pub(crate) fn heading_of(&self, column: &str) -> &str {
        let found = self.columns.iter().find(|(_, one)| one == column);
        found.map(|(heading, _)| heading.as_str()).unwrap_or_default()
    }
}

impl Told {
    fn put(&mut self, column: &str, text: &str, country: &str, known: &[custom_field::Model]) -> Result<()> {
        match column {
            "id" => self.id = lookup::contact(text).ok(),
            "name" => self.name = Some(limited(column, text, LONGEST_NAME)?),
            "email" => self.email = Some(address::read_email(column, text)?),
            "phone" => self.phone = Some(address::read_phone(column, text, country)?),
            "language" => self.language = Some(limited(column, text, LONGEST_LANGUAGE)?),
            "tags" => {
                let tags = csv_rows::split(text);
                self.tags = tags.iter().map(|tag| tags::read(tag, column)).collect::<Result<_>>()?;
            }
            _ => {
                let field =
                    column.strip_prefix(FIELD).and_then(|key| known.iter().find(|one| one.key == key));
                if let Some(field) = field {
                    self.fields.insert(field.key.clone(), value(field, text)?);
                }
            }
        }
        Ok(())
    }

    /// Refuses a row that says nothing of whom it is.
    pub(crate) fn names_somebody(&self) -> Result<()> {
        if self.name.is_some() || self.email.is_some() || self.phone.is_some() {
            return Ok(());
        }
        Err(Error::invalid("nobody_named", "the row has no name, no address and no number"))
    }

    /// By what the contact is known.
    pub(crate) fn keys(&self) -> impl Iterator<Item = String> {
        let phone = self.phone.as_deref().map(address::phone_key);
        phone.into_iter().chain(self.email.as_deref().map(address::email_key))
    }

    /// Makes a contact what the row says: what it does not say stays.
    pub(crate) fn apply(&self, row: &mut contact::Model, known: &[custom_field::Model]) -> Result<()> {
        let set = |field: &mut Option<String>, told: &Option<String>| {
            if told.is_some() {
                field.clone_from(told);
            }
        };
        if let Some(name) = &self.name {
            row.name.clone_from(name);
        }
        set(&mut row.email, &self.email);
        set(&mut row.phone, &self.phone);
        set(&mut row.language, &self.language);
        row.tags = tags::changed(&row.tags, &self.tags, &[], "a contact")?;
        custom_fields::put_known(known, Of::Contact, &mut row.fields, self.fields.clone())
    }

    /// What a new contact is called.
    pub(crate) fn called(&self) -> String {
        let named = [&self.name, &self.email, &self.phone].into_iter().flatten().next();
        named.cloned().unwrap_or_default()
    }
}

fn limited(column: &str, text: &str, most: usize) -> Result<String> {
    if text.chars().count() <= most {
        return Ok(text.to_owned());
    }
    Err(Error::invalid_field(column, format!("`{column}` may have {most} characters")))
}

/// A custom field's value as it is written in a cell.
fn value(field: &custom_field::Model, text: &str) -> Result<Value> {
    let kind: Kind = show::stored(&field.kind)?;
    Ok(match kind {
        Kind::Number => {
            let whole = text.parse::<i64>().ok().map(Value::from);
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            whole.or_else(|| number.map(Value::from)).unwrap_or_else(|| text.into())
        }
        Kind::Boolean => match text.to_lowercase().as_str() {
            "true" | "yes" | "1" => true.into(),
            "false" | "no" | "0" => false.into(),
            _ => text.into(),
        },
        // a spreadsheet may write its accents in another way
        Kind::Choice => {
            let same = field.choices.0.iter().find(|choice| choice.as_str().nfc().eq(text.nfc()));
            same.map_or(text, String::as_str).into()
        }
        _ => text.into(),
    })
}

/// A custom field's value as a cell says it.
pub(crate) fn cell(values: &Values, key: &str) -> String {
    match values.0.get(key) {
        None | Some(Value::Null) => String::new(),
        Some(Value::String(text)) => text.clone(),
        Some(other) => other.to_string(),
    }
}
