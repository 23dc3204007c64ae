//! What each channel can do, as a table: `docs/channels/README.md`.

use std::{fs, io, path::Path};

use weft_channel::{Buttons, Capabilities, Changes, ContentKind, Descriptor};

use crate::roster;

const HEAD: &str = "# Channels

What each channel can do, as its adapter describes itself; the API says the same at `GET /v1/channel-kinds`. Written by
`weft emit channels --out docs/channels`.

What a channel cannot do is done in another way: a text that is too long is split, buttons become numbered text, a kind of content it does not
take becomes a file or a link. Only a closed reply window stops a message. *Changes* are what reaches the contact of what our side edits, deletes and reacts to; the rest is so in
Weft alone, and shown so. *Buttons* are how many, and the longest title. *Doubt* is what remains when a call to the provider ends without an answer: *none* where the call can be repeated or looked up, *resolved* where our id comes back in a
receipt, else the message is shown as *unclear* and a person decides. *Lines* are those of the adapter's own source and its unit tests, without its
simulator.

| channel | text | files up to | sends | buttons | replies | changes | typing | delivered / read | window | comes in by | doubt | lines |
|---|---|---|---|---|---|---|---|---|---|---|---|---|
";
/// An adapter to copy, not a channel.
const TEMPLATE: &str = "channel-echo";

/// The document; the adapters' sources are counted in this folder.
pub fn table(sources: &Path) -> io::Result<String> {
    let mut text = HEAD.to_owned();
    for entry in roster::ENTRIES.iter().filter(|entry| entry.name != TEMPLATE) {
        if let Some(descriptor) = entry.descriptor {
            let lines = lines(&sources.join(entry.name).join("src"))?;
            text.push_str(&row(&descriptor(), lines));
        }
    }
    Ok(text)
}

fn row(descriptor: &Descriptor, lines: usize) -> String {
    let Descriptor { kind, title, capabilities: can, .. } = descriptor;
    let cells = [
        format!("[{title}]({kind}.md)"),
        thousands(can.max_text_chars),
        files(can.max_file_bytes),
        sends(can),
        can.buttons.as_ref().map_or_else(|| "–".to_owned(), buttons),
        yes(can.reply_to),
        changes(can.changes),
        yes(can.typing),
        format!("{} / {}", yes(can.delivered_receipts), yes(can.read_receipts)),
        can.reply_window.map_or_else(|| "–".to_owned(), |window| format!("{} h", window.as_secs() / 3600)),
        can.intake.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
        doubt(can).to_owned(),
        thousands(lines),
    ];
    format!("| {} |\n", cells.join(" | "))
}

/// All that goes besides words.
fn sends(can: &Capabilities) -> String {
    let kinds = can.content.iter().filter(|kind| **kind != ContentKind::Text);
    kinds.map(|kind| kind.to_string().replace('_', " ")).collect::<Vec<_>>().join(", ")
}

/// What can be done about a message that was sent.
fn changes(can: Changes) -> String {
    let all = [(can.edits, "edit"), (can.deletes, "delete"), (can.reactions, "react")];
    let possible: Vec<&str> = all.into_iter().filter_map(|(can, word)| can.then_some(word)).collect();
    if possible.is_empty() { "–".to_owned() } else { possible.join(", ") }
}

fn buttons(buttons: &Buttons) -> String {
    let urls = if buttons.urls { ", addresses" } else { "" };
    format!("{} of {}{urls}", buttons.max, buttons.max_title_chars)
}

fn doubt(can: &Capabilities) -> &'static str {
    use weft_channel::Idempotency::{Echo, Key, Lookup, None};
    match can.idempotency {
        Key | Lookup => "none",
        Echo => "resolved",
        None => "unclear",
    }
}

fn files(max_bytes: u64) -> String {
    if max_bytes == 0 { "–".to_owned() } else { format!("{} MB", max_bytes / 1_000_000) }
}

fn yes(it_does: bool) -> String {
    if it_does { "yes" } else { "–" }.to_owned()
}

fn thousands(number: usize) -> String {
    match (number / 1000, number % 1000) {
        (0, rest) => rest.to_string(),
        (thousands, rest) => format!("{thousands},{rest:03}"),
    }
}

/// The lines of Rust in a folder, without a simulator.
fn lines(folder: &Path) -> io::Result<usize> {
    let mut count = 0;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.file_stem().is_some_and(|name| name == "simulator") {
            continue;
        }
        count += match path.extension() {
            _ if path.is_dir() => lines(&path)?,
            Some(extension) if extension == "rs" => fs::read_to_string(&path)?.lines().count(),
            _ => 0,
        };
    }
    Ok(count)
}
