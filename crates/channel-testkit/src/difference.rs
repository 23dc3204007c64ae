use serde_json::Value;

/// The first place where two values differ, in words.
pub(crate) fn difference(expected: &Value, actual: &Value) -> Option<String> {
    find("", expected, actual)
}

fn find(path: &str, expected: &Value, actual: &Value) -> Option<String> {
    match (expected, actual) {
        (Value::Object(left), Value::Object(right)) => {
            let only_right = right.keys().filter(|name| !left.contains_key(*name));
            left.keys().chain(only_right).find_map(|name| {
                let null = &Value::Null;
                let (one, other) = (left.get(name).unwrap_or(null), right.get(name).unwrap_or(null));
                find(&format!("{path}.{name}"), one, other)
            })
        }
        (Value::Array(left), Value::Array(right)) => {
            if left.len() != right.len() {
                let (count, found) = (left.len(), right.len());
                return Some(format!(
                    "{path}: {count} expected, {found} found\n  expected {expected}\n  found    {actual}"
                ));
            }
            let mut pairs = left.iter().zip(right).enumerate();
            pairs.find_map(|(index, (one, other))| find(&format!("{path}[{index}]"), one, other))
        }
        (one, other) if one == other => None,
        // 52 and 52.0 are the same number
        (Value::Number(one), Value::Number(other))
            if one.as_f64() == other.as_f64() && one.is_f64() != other.is_f64() =>
        {
            None
        }
        (one, other) => Some(format!("{path}:\n  expected {one}\n  found    {other}")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_first_difference_is_named_by_its_path() {
        let path = |one: Value, other: Value| {
            difference(&one, &other).map(|text| text.split(':').next().unwrap().to_owned())
        };
        assert_eq!(
            path(json!({"a": [1, {"b": 2}]}), json!({"a": [1, {"b": 3}]})),
            Some(".a[1].b".to_owned())
        );
        assert_eq!(path(json!({"a": 1}), json!({"a": 1, "c": 2})), Some(".c".to_owned()));
        assert_eq!(path(json!([1]), json!([1, 2])), Some(String::new()));
        assert_eq!(path(json!({"a": 1, "b": 2}), json!({"b": 2, "a": 1})), None);
    }
}
