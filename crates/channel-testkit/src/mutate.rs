use proptest::{prelude::*, strategy::ValueTree as _, test_runner::TestRunner};
use serde_json::{Map, Value, json};

/// The value with an unknown field in every object.
pub(crate) fn with_extra_fields(value: &Value) -> Value {
    match value {
        Value::Array(items) => items.iter().map(with_extra_fields).collect(),
        Value::Object(fields) => {
            let mut all: Map<String, Value> =
                fields.iter().map(|(name, field)| (name.clone(), with_extra_fields(field))).collect();
            all.insert("added_by_a_later_version".to_owned(), json!({"deep": [1, null, "x"]}));
            Value::Object(all)
        }
        other => other.clone(),
    }
}

/// The body cut off at every place, or at so many that are evenly spread.
pub(crate) fn truncated(body: &[u8], most: usize) -> impl Iterator<Item = Vec<u8>> + '_ {
    let step = body.len().div_ceil(most).max(1);
    (0..body.len()).step_by(step).filter_map(|end| body.get(..end).map(<[u8]>::to_vec))
}

/// The value with each of its places, one after the other, filled with what does not belong there, or missing.
pub(crate) fn misshapen(value: &Value) -> Vec<Value> {
    let fillings = [
        Value::Null,
        json!(true),
        json!(-1),
        json!(9_223_372_036_854_775_807_i64),
        json!(18_446_744_073_709_551_615_u64),
        json!(-1.5e300),
        json!(""),
        json!("\u{202e}🎉\u{0}"),
        json!([]),
        json!([[[]]]),
        json!({}),
    ];
    let mut all = Vec::new();
    let mut pointers = Vec::new();
    collect(value, String::new(), &mut pointers);
    for pointer in pointers {
        for filling in &fillings {
            let mut copy = value.clone();
            if let Some(place) = copy.pointer_mut(&pointer) {
                *place = filling.clone();
            }
            all.push(copy);
        }
        all.extend(without(value, &pointer));
    }
    all
}

fn collect(value: &Value, pointer: String, pointers: &mut Vec<String>) {
    match value {
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                collect(item, format!("{pointer}/{index}"), pointers);
            }
        }
        Value::Object(fields) => {
            for (name, field) in fields {
                collect(field, format!("{pointer}/{}", name.replace('~', "~0").replace('/', "~1")), pointers);
            }
        }
        _ => {}
    }
    pointers.push(pointer);
}

fn without(value: &Value, pointer: &str) -> Option<Value> {
    let (parent, name) = pointer.rsplit_once('/')?;
    let mut copy = value.clone();
    copy.pointer_mut(parent)?.as_object_mut()?.remove(&name.replace("~1", "/").replace("~0", "~"))?;
    Some(copy)
}

/// Calls `check` with the body after random changes of bytes; the smallest failing body is reported.
pub(crate) fn each_scrambled(body: &[u8], check: impl Fn(&[u8])) -> Result<(), String> {
    if body.is_empty() {
        return Ok(());
    }
    let config = ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() };
    let mut runner = TestRunner::new(config);
    let result = runner.run(&changes(body), |changes| {
        check(&changed(body, changes));
        Ok(())
    });
    result.map_err(|error| error.to_string())
}

/// The body after random changes of bytes, so many times: the same ones in each run.
pub(crate) fn scrambled(body: &[u8], count: usize) -> Vec<Vec<u8>> {
    if body.is_empty() {
        return Vec::new();
    }
    let mut runner = TestRunner::deterministic();
    let changes = (0..count).filter_map(|_| Some(changes(body).new_tree(&mut runner).ok()?.current()));
    changes.map(|changes| changed(body, changes)).collect()
}

fn changes(body: &[u8]) -> impl Strategy<Value = Vec<(usize, u8)>> + use<> {
    prop::collection::vec((0..body.len(), any::<u8>()), 1..8)
}

fn changed(body: &[u8], changes: Vec<(usize, u8)>) -> Vec<u8> {
    let mut scrambled = body.to_vec();
    for (place, byte) in changes {
        if let Some(target) = scrambled.get_mut(place) {
            *target = byte;
        }
    }
    scrambled
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_of_a_value_is_tried() {
        let all = misshapen(&json!({"a": [1], "b": {"c/d": 2}}));
        assert!(all.contains(&json!({"a": [""], "b": {"c/d": 2}})));
        assert!(all.contains(&json!({"a": [1], "b": {}})));
        assert!(all.contains(&json!({"b": {"c/d": 2}})));
        assert_eq!(with_extra_fields(&json!([{"a": {}}])).to_string().matches("added_by").count(), 2);
        assert_eq!(truncated(&[0; 1000], 200).count(), 200);
        assert!(scrambled(b"abc", 5) == scrambled(b"abc", 5) && scrambled(b"", 5).is_empty());
    }
}
