use figment::value::Value;

const PREFIX: &str = "WEFT_";

/// One configuring variable.
pub(crate) struct Variable {
    pub(crate) name: String,
    pub(crate) path: Vec<String>,
    pub(crate) text: String,
}

/// The process's environment.
pub(crate) fn read() -> impl Iterator<Item = (String, String)> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
}

/// Picks the variables that configure. An ignored name may end in `*`.
pub(crate) fn select(
    all: impl Iterator<Item = (String, String)>,
    ignored: &[&str],
) -> impl Iterator<Item = Variable> {
    all.filter_map(|(name, text)| {
        let rest = name.strip_prefix(PREFIX)?;
        let path = rest.split("__").map(str::to_lowercase).collect();
        let skip = ignored.iter().any(|pattern| match pattern.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == *pattern,
        });
        (!skip).then_some(Variable { name, path, text })
    })
}

/// Reads a variable's text as the kind of value that the default has.
pub(crate) fn read_as(default: &Value, text: &str) -> Result<Value, &'static str> {
    match default {
        Value::Bool(..) => text.parse::<bool>().map(Value::from).map_err(|_not_one| "`true` or `false`"),
        Value::Num(_tag, number) if number.to_f64().is_some() => {
            text.parse::<f64>().map(Value::from).map_err(|_not_one| "a number")
        }
        Value::Num(..) => text.parse::<i64>().map(Value::from).map_err(|_not_one| "a whole number"),
        Value::Array(_tag, items) => read_list(items.first(), text),
        Value::Dict(..) => Err("one variable for each key of this table"),
        Value::String(..) | Value::Char(..) | Value::Empty(..) => Ok(Value::from(text)),
    }
}

fn read_list(first: Option<&Value>, text: &str) -> Result<Value, &'static str> {
    let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
    let values: Result<Vec<Value>, _> = items
        .map(|item| match first {
            Some(Value::Dict(..)) => Err("a list of tables, which only the file can give"),
            Some(default) => read_as(default, item),
            None => Ok(Value::from(item)),
        })
        .collect();
    values.map(Value::from)
}
