//! Variables in words at hand, like `{{ contact.name }}`: which there are, and what they say in a conversation. A value is
//! put in as it is, whatever braces it has.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use minijinja::{
    Environment, Error as Fault, ErrorKind, filters,
    value::{Object, ObjectRepr, Value},
};
use serde_json::Map;
use weft_domain::{Error, Result};

mod scan;
#[cfg(test)]
mod tests;

/// The longest text, before and after it is filled in, in characters.
const LONGEST: usize = 20_000;
/// What filling a text in may cost: a step is one, and so are 64 bytes.
const FUEL: u64 = 50_000;
/// What has a name of its own. Custom fields come besides.
const NAMES: [&str; 11] = [
    "contact.name",
    "contact.first_name",
    "contact.email",
    "contact.phone",
    "contact.language",
    "conversation.id",
    "conversation.title",
    "conversation.channel",
    "agent.name",
    "agent.first_name",
    "today",
];
/// What is not a value, but has some.
const LEVELS: [&str; 5] = ["contact", "contact.fields", "conversation", "conversation.fields", "agent"];

/// What variables say, by their names.
#[derive(Clone, Debug, Default)]
pub(crate) struct Values {
    known: BTreeMap<String, Value>,
    /// What custom fields say of which nothing is known.
    fields: Option<Value>,
}

/// A text with its values.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Filled {
    /// The text.
    pub(crate) text: String,
    /// Variables that were left empty.
    pub(crate) missing: Vec<String>,
}

impl Values {
    /// Says what a variable says; nothing, if that is not known.
    pub(crate) fn put(&mut self, name: &str, value: Option<&str>) {
        if let Some(value) = value.map(str::trim).filter(|value| !value.is_empty()) {
            self.known.insert(name.to_owned(), value.into());
        }
    }

    /// The same of somebody's name, and of the first word of it.
    pub(crate) fn put_name(&mut self, of: &str, name: &str) {
        self.put(&format!("{of}.name"), Some(name));
        self.put(&format!("{of}.first_name"), name.split_whitespace().next());
    }

    /// The same of all custom fields of something.
    pub(crate) fn put_fields(&mut self, of: &str, fields: &Map<String, serde_json::Value>) {
        for (key, value) in fields {
            let name = format!("{of}.fields.{key}");
            match value {
                serde_json::Value::String(text) => self.put(&name, Some(text)),
                serde_json::Value::Number(number) => {
                    self.known.insert(name, of_number(number));
                }
                serde_json::Value::Bool(is) => {
                    self.known.insert(name, (*is).into());
                }
                _ => {}
            }
        }
    }
}

/// A whole number has no point.
fn of_number(number: &serde_json::Number) -> Value {
    let text = number.to_string();
    let whole = text.strip_suffix(".0").unwrap_or(&text).parse::<i64>();
    whole.map_or_else(|_| Value::from(number.as_f64().unwrap_or_default()), Value::from)
}

/// Refuses a text that cannot be filled in, whatever the values.
pub(crate) fn check(text: &str, field: &str) -> Result<()> {
    let refused = |line: usize, words: &str| {
        Error::invalid("invalid_variables", format!("line {line}: {words}")).with_field(field)
    };
    if text.chars().count() > LONGEST {
        let words = format!("`{field}` may have {LONGEST} characters");
        return Err(Error::invalid_field(field, words));
    }
    scan::read(text).map_err(|fault| refused(fault.line, &fault.words))?;
    let mut first = None;
    for values in samples() {
        match rendered(text, values) {
            Ok(_) => return Ok(()),
            Err(fault) => first = first.or(Some(fault)),
        }
    }
    first.map_or(Ok(()), |fault| Err(refused(fault.line().unwrap_or(1), &words_of(&fault))))
}

/// Puts values into a text that was checked when it was saved.
pub(crate) fn fill(text: &str, values: Values) -> Result<Filled> {
    let filled = scan::read(text)
        .map_err(|fault| (fault.line, fault.words))
        .and_then(|()| rendered(text, values).map_err(|fault| (fault.line().unwrap_or(1), words_of(&fault))));
    filled.map_err(|(line, words)| {
        let words = format!("the text cannot be filled in for this conversation: line {line}: {words}");
        Error::precondition("variables_not_filled", words)
    })
}

/// Values as there may be: all that has a name, with words or numbers in the custom fields; or none at all.
fn samples() -> [Values; 3] {
    let all = |fields: Value| {
        let known = NAMES.iter().map(|name| ((*name).to_owned(), Value::from("Sample"))).collect();
        Values { known, fields: Some(fields) }
    };
    [all(Value::from("Sample")), all(Value::from(1)), Values::default()]
}

fn rendered(text: &str, values: Values) -> std::result::Result<Filled, Fault> {
    let environment = environment();
    let template = environment.template_from_str(text)?;
    let shared = Arc::new(Shared { values, missing: Mutex::default() });
    let text = template.render(Value::from_object(Level { path: String::new(), shared: shared.clone() }))?;
    if text.chars().count() > LONGEST {
        return Err(Fault::from(ErrorKind::OutOfFuel));
    }
    let missing = std::mem::take(&mut *shared.missing.lock().unwrap_or_else(PoisonError::into_inner));
    Ok(Filled { text, missing })
}

/// What a text may do: what is named in [`scan`], and no more.
fn environment<'text>() -> Environment<'text> {
    let mut environment = Environment::empty();
    environment.set_fuel(Some(FUEL));
    environment.add_filter("default", default);
    environment.add_filter("d", default);
    environment.add_filter("upper", filters::upper);
    environment.add_filter("lower", filters::lower);
    environment.add_filter("title", filters::title);
    environment.add_filter("capitalize", filters::capitalize);
    environment.add_filter("trim", filters::trim);
    environment.add_filter("replace", filters::replace);
    environment.add_filter("round", filters::round);
    environment.add_filter("int", filters::int);
    environment.add_test("defined", is_defined);
    environment.add_test("undefined", is_missing);
    environment.add_test("none", is_missing);
    environment
}

fn default(value: &Value, other: Option<Value>, also_false: Option<bool>) -> Value {
    let takes_other = is_missing(value) || also_false.unwrap_or_default() && !value.is_true();
    if takes_other { other.unwrap_or_else(|| Value::from("")) } else { value.clone() }
}

fn is_defined(value: &Value) -> bool {
    !is_missing(value)
}

fn is_missing(value: &Value) -> bool {
    value.is_undefined() || value.is_none() || value.downcast_object_ref::<Missing>().is_some()
}

/// What is wrong, and what to do.
fn words_of(fault: &Fault) -> String {
    match fault.kind() {
        ErrorKind::OutOfFuel => format!("it comes to more than {LONGEST} characters; make it shorter"),
        ErrorKind::SyntaxError => format!(
            "{}; write variables like `{{{{ contact.name }}}}` and conditions like `{{% if contact.email %}}…{{% endif %}}`",
            fault.detail().unwrap_or("it cannot be read")
        ),
        kind => fault.detail().map_or_else(|| kind.to_string(), str::to_owned),
    }
}

/// What a text is filled in from, and what it asked for in vain.
#[derive(Debug)]
struct Shared {
    values: Values,
    missing: Mutex<Vec<String>>,
}

/// What has values, like `contact`.
#[derive(Debug)]
struct Level {
    path: String,
    shared: Arc<Shared>,
}

impl Object for Level {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let path = if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) };
        if let Some(value) = self.shared.values.known.get(&path) {
            return Some(value.clone());
        }
        let shared = self.shared.clone();
        if LEVELS.contains(&path.as_str()) {
            return Some(Value::from_object(Self { path, shared }));
        }
        if self.path.ends_with(".fields")
            && let Some(value) = &self.shared.values.fields
        {
            return Some(value.clone());
        }
        Some(Value::from_object(Missing { path, shared }))
    }
}

/// What has no value: nothing to read, and noted where it should have been read.
#[derive(Debug)]
struct Missing {
    path: String,
    shared: Arc<Shared>,
}

impl Object for Missing {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }

    fn is_true(self: &Arc<Self>) -> bool {
        false
    }

    fn render(self: &Arc<Self>, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut missing = self.shared.missing.lock().unwrap_or_else(PoisonError::into_inner);
        if !missing.contains(&self.path) {
            missing.push(self.path.clone());
        }
        Ok(())
    }
}
