#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line speaks to its terminal, here and nowhere else"
)]

use std::process::ExitCode;

use serde_json::Value;

/// Says what went wrong, and gives the exit code for it.
pub(crate) fn fail(message: &str) -> ExitCode {
    eprintln!("weft: {message}");
    ExitCode::FAILURE
}

/// One line for a person.
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// A JSON document for a program.
pub(crate) fn json(value: &Value) {
    println!("{value:#}");
}

/// Rows of the same shape: as a table for people, as an array for programs.
pub(crate) fn rows(as_json: bool, items: &[Value], columns: &[&str]) {
    if as_json {
        return json(&Value::Array(items.to_vec()));
    }
    let cell = |item: &Value, column: &str| match item.pointer(&format!("/{}", column.replace('.', "/"))) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Null) | None => "-".to_owned(),
        Some(other) => other.to_string(),
    };
    let table: Vec<Vec<String>> =
        std::iter::once(columns.iter().map(|column| column.to_uppercase()).collect())
            .chain(items.iter().map(|item| columns.iter().map(|column| cell(item, column)).collect()))
            .collect();
    let width = |index: usize| {
        table.iter().filter_map(|row| row.get(index)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    for row in &table {
        let padded: Vec<String> =
            row.iter().enumerate().map(|(index, cell)| format!("{cell:<0$}", width(index))).collect();
        println!("{}", padded.join("  ").trim_end());
    }
}
