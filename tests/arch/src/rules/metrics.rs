#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use crate::{Source, Tree, Violation};

const PAGE: &str = "docs/metrics.md";
const KINDS: [&str; 3] = ["counter", "gauge", "histogram"];
/// Values without number: each would be a series.
const NO_LABELS: [&str; 10] = [
    "tenant",
    "tenant_id",
    "account",
    "channel",
    "channel_id",
    "conversation",
    "user",
    "message",
    "contact",
    "path",
];

/// A metric, as the sources use and describe it.
#[derive(Default)]
struct Metric {
    kind: &'static str,
    labels: BTreeSet<String>,
    recorded: Option<(String, usize)>,
    described: Option<Described>,
}

struct Described {
    kind: &'static str,
    unit: String,
    words: String,
    file: String,
    line: usize,
}

/// Every metric is named by convention, described with its unit, and listed in the page of metrics.
pub fn metrics(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut all: BTreeMap<String, Metric> = BTreeMap::new();
    for (file, text) in
        tree.production().filter(|(_, text)| KINDS.iter().any(|kind| text.contains(&format!("{kind}!"))))
    {
        let source = Source::read(text);
        for kind in KINDS {
            read_recorded(&source, file, kind, &mut all, &mut found);
            read_described(&source, file, kind, &mut all);
        }
    }
    for (name, metric) in &all {
        found.extend(well_made(name, metric));
    }
    found.extend(listed(tree, &all));
    found
}

fn read_recorded(
    source: &Source,
    file: &str,
    kind: &'static str,
    all: &mut BTreeMap<String, Metric>,
    found: &mut Vec<Violation>,
) {
    for call in source.macros(kind) {
        let Some((first, rest)) = call.arguments.split_first() else { continue };
        // a name that is handed in stands elsewhere as a literal
        let Some(name) = literal(first) else { continue };
        let metric = all.entry(name).or_default();
        metric.kind = kind;
        metric.recorded.get_or_insert((file.to_owned(), call.line));
        for argument in rest {
            let [key, equals, arrow, ..] = argument.as_slice() else {
                let remedy = "write `\"label\" => value` here, so that the page can name the labels";
                found.push(Violation::new(
                    file,
                    call.line,
                    "the labels of this metric cannot be read",
                    remedy,
                ));
                continue;
            };
            if equals != "=" || arrow != ">" {
                continue;
            }
            let key = unquoted(key);
            if NO_LABELS.contains(&key.as_str()) {
                let what = format!("the label `{key}` has values without number");
                found.push(Violation::new(
                    file,
                    call.line,
                    what,
                    "count by something with few values, and log the rest",
                ));
            }
            metric.labels.insert(key);
        }
    }
}

fn read_described(source: &Source, file: &str, kind: &'static str, all: &mut BTreeMap<String, Metric>) {
    for call in source.macros(&format!("describe_{kind}")) {
        let [name, unit, words] = call.arguments.as_slice() else { continue };
        let (Some(name), Some(words)) = (literal(name), literal(words)) else { continue };
        let unit = unit.last().cloned().unwrap_or_default();
        let described = Described { kind, unit, words, file: file.to_owned(), line: call.line };
        all.entry(name).or_default().described = Some(described);
    }
}

fn well_made(name: &str, metric: &Metric) -> Vec<Violation> {
    let Some(described) = &metric.described else {
        let Some((file, line)) = &metric.recorded else { return Vec::new() };
        let what = format!("`{name}` is not described");
        let remedy =
            format!("say `describe_{}!(\"{name}\", Unit::…, \"…\")` where its owner starts", metric.kind);
        return vec![Violation::new(file, *line, what, remedy)];
    };
    let (file, line) = (&described.file, described.line);
    let wrong = |what: &str, remedy: &str| Violation::new(file, line, format!("`{name}` {what}"), remedy);
    let mut found = Vec::new();
    if metric.recorded.is_none() {
        found.push(wrong("is described and never recorded", "record it, or take the description away"));
    } else if metric.kind != described.kind {
        found.push(wrong("is described as another kind than it is recorded as", "let both say the same"));
    }
    let words: Vec<&str> = name.split('_').collect();
    let is_snake =
        name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    if !is_snake || words.len() < 3 || words.first() != Some(&"weft") || words.contains(&"") {
        found.push(wrong("is not named `weft_<area>_<what>`", "name it so"));
    }
    let ending = words.last().copied().unwrap_or_default();
    let fits = match described.kind {
        "counter" => ending == "total",
        "histogram" => matches!(ending, "seconds" | "bytes" | "size"),
        _ => ending != "total",
    };
    if !fits {
        found.push(wrong(
            "does not end as its kind asks",
            "counters end in `_total`, histograms in `_seconds`, `_bytes` or `_size`, gauges in neither `_total`",
        ));
    }
    let unit = match ending {
        "seconds" => "Seconds",
        "bytes" => "Bytes",
        _ => "Count",
    };
    if described.unit != unit {
        found.push(wrong(
            "is described with another unit than its name has",
            &format!("write `Unit::{unit}`"),
        ));
    }
    found
}

fn listed(tree: &Tree, all: &BTreeMap<String, Metric>) -> Vec<Violation> {
    let page = tree.text(PAGE).unwrap_or_default();
    let mut found = Vec::new();
    for (name, metric) in all {
        let Some(row) = row(name, metric) else { continue };
        if !page.lines().any(|line| line == row) {
            found.push(Violation::new(
                PAGE,
                1,
                format!("`{name}` is not listed as it is"),
                format!("write: {row}"),
            ));
        }
    }
    for (at, line) in page.lines().enumerate() {
        let name = line.strip_prefix("| `weft_").and_then(|rest| rest.split('`').next());
        if let Some(name) = name.filter(|name| !all.contains_key(&format!("weft_{name}"))) {
            found.push(Violation::new(
                PAGE,
                at + 1,
                format!("there is no `weft_{name}`"),
                "take the line away",
            ));
        }
    }
    found
}

fn row(name: &str, metric: &Metric) -> Option<String> {
    let described = metric.described.as_ref()?;
    let unit = match name.rsplit('_').next() {
        Some("seconds") => "seconds",
        Some("bytes") => "bytes",
        Some("ratio") => "0 to 1",
        _ => "",
    };
    let labels: Vec<String> = metric.labels.iter().map(|label| format!("`{label}`")).collect();
    let (kind, labels, words) = (described.kind, labels.join(" "), &described.words);
    Some(format!("| `{name}` | {kind} | {unit} | {labels} | {words} |"))
}

fn literal(words: &[String]) -> Option<String> {
    let [only] = words else { return None };
    only.starts_with('"').then(|| unquoted(only))
}

fn unquoted(word: &str) -> String {
    word.trim_matches('"').to_owned()
}
