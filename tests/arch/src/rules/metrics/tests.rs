use crate::rules::{broken, metrics};

const MANIFEST: (&str, &str) =
    ("crates/a/Cargo.toml", "[package]\nname = \"weft-a\"\n[package.metadata.weft]\nfloor = 3\n");
const ROW: &str = "| `weft_a_calls_total` | counter |  | `kind` `result` | Calls. |\n";

fn with(source: &str, page: &str) -> Vec<(String, usize)> {
    let mut found = broken(
        metrics,
        &[("Cargo.toml", ""), MANIFEST, ("crates/a/src/lib.rs", source), ("docs/metrics.md", page)],
    );
    found.sort();
    found
}

fn source() -> (String, usize) {
    ("crates/a/src/lib.rs".to_owned(), 2)
}

fn page() -> (String, usize) {
    ("docs/metrics.md".to_owned(), 1)
}

#[test]
fn a_metric_that_is_named_described_and_listed_is_well_made() {
    let code = "fn a() {\n describe_counter!(\"weft_a_calls_total\", Unit::Count, \"Calls.\");\n \
                counter!(\"weft_a_calls_total\", \"kind\" => k, \"result\" => r()).increment(1);\n}";
    assert_eq!(with(code, ROW), []);
    assert_eq!(with(code, &ROW.replace(" `result`", "")), [page()], "the labels are others");
    assert_eq!(with("", ROW), [page()], "there is none");
    let bare = "fn a() {\n counter!(\"weft_a_calls_total\").increment(1);\n}";
    assert_eq!(with(bare, ""), [source()], "it is not described");
}

#[test]
fn a_name_says_what_kind_and_unit_it_has() {
    let one = |kind: &str, name: &str, unit: &str| {
        let code = format!(
            "fn a() {{\n describe_{kind}!(\"{name}\", Unit::{unit}, \"Words.\");\n {kind}!(\"{name}\").set(1);\n}}"
        );
        let unit = match name.rsplit('_').next() {
            Some("seconds") => "seconds",
            Some("bytes") => "bytes",
            _ => "",
        };
        with(&code, &format!("| `{name}` | {kind} | {unit} |  | Words. |\n"))
    };
    assert_eq!(one("counter", "weft_a_calls_total", "Count"), []);
    assert_eq!(one("histogram", "weft_a_wait_seconds", "Seconds"), []);
    assert_eq!(one("counter", "weft_a_calls", "Count"), [source()]);
    assert_eq!(one("gauge", "weft_a_calls_total", "Count"), [source()]);
    assert_eq!(one("histogram", "weft_a_wait", "Count"), [source()]);
    assert_eq!(one("histogram", "weft_a_wait_seconds", "Count"), [source()]);
    assert_eq!(one("gauge", "weft_calls", "Count"), [source()]);
    assert_eq!(one("gauge", "other_a_calls", "Count"), [source()]);
}

#[test]
fn a_label_without_bounds_is_refused() {
    let code = "fn a() {\n describe_gauge!(\"weft_a_open\", Unit::Count, \"Open.\");\n \
                gauge!(\"weft_a_open\", \"tenant\" => t).set(1);\n}";
    let third = ("crates/a/src/lib.rs".to_owned(), 3);
    assert_eq!(with(code, "| `weft_a_open` | gauge |  | `tenant` | Open. |\n"), [third]);
}
