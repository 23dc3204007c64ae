//! Looks as marks between the words.

use weft_proto::conversation::v1::{
    RichText,
    rich_text::{Block, Kind, Span},
};

/// How a provider marks looks: what stands before and after the words.
#[derive(Clone, Copy, Debug)]
pub struct Marks {
    /// Around bold words, and headings.
    pub bold: (&'static str, &'static str),
    /// Around slanted words.
    pub italic: (&'static str, &'static str),
    /// Around words that are struck out.
    pub strike: (&'static str, &'static str),
    /// Words in a fixed width, within a line.
    pub code: fn(&str) -> String,
    /// Lines in a fixed width.
    pub code_block: fn(&str) -> String,
    /// How a quotation is shown.
    pub quote: Quote,
    /// Before an item of a list without numbers.
    pub point: &'static str,
    /// Before an item, for each list around its own.
    pub indent: &'static str,
    /// Between the lines of a paragraph, an item or a quotation; it ends with a new line.
    pub line_break: &'static str,
    /// A link, of its words as they are written here and of its address.
    pub link: fn(&str, &str) -> String,
    /// What keeps words from being taken for marks.
    pub escape: fn(&str) -> String,
}

/// How a quotation is shown.
#[derive(Clone, Copy, Debug)]
pub enum Quote {
    /// By this before each line.
    Lines(&'static str),
    /// By these around it.
    Around(&'static str, &'static str),
}

const PLAIN: Marks = Marks {
    bold: ("", ""),
    italic: ("", ""),
    strike: ("", ""),
    code: str::to_owned,
    code_block: str::to_owned,
    quote: Quote::Lines("> "),
    point: "• ",
    indent: "  ",
    line_break: "\n",
    link: beside,
    escape: str::to_owned,
};

/// The words alone; a list keeps its points and numbers, a link its address.
pub fn to_plain(rich: &RichText) -> String {
    written(rich, &PLAIN)
}

/// The words with marks.
pub fn written(rich: &RichText, marks: &Marks) -> String {
    let mut out = String::new();
    let mut numbers: Vec<u32> = Vec::new();
    let mut before = None;
    for block in &rich.blocks {
        let kind = block.kind();
        if let Some(before) = before {
            // items of a list and lines of a quotation stand together
            out.push_str(match kind {
                Kind::ListItem if before == kind => "\n",
                Kind::Quote if before == kind => marks.line_break,
                _ => "\n\n",
            });
        }
        if kind != Kind::ListItem {
            numbers.clear();
        }
        out.push_str(&shown(block, &mut numbers, marks));
        before = Some(kind);
    }
    out
}

/// A link as words and the address behind them.
fn beside(words: &str, address: &str) -> String {
    let bare = |text: &str| {
        let text = text.trim().trim_end_matches('/');
        let shorter = ["https://", "http://", "mailto:", "tel:"];
        shorter.iter().find_map(|scheme| text.strip_prefix(scheme)).unwrap_or(text).to_lowercase()
    };
    if bare(words) == bare(address) { words.to_owned() } else { format!("{words} ({address})") }
}

fn shown(block: &Block, numbers: &mut Vec<u32>, marks: &Marks) -> String {
    match block.kind() {
        Kind::CodeBlock => {
            let text: String = block.spans.iter().map(|span| span.text.as_str()).collect();
            (marks.code_block)(&text)
        }
        Kind::Heading => {
            let bold = |span: &Span| Span { bold: true, ..span.clone() };
            words(&block.spans.iter().map(bold).collect::<Vec<_>>(), marks)
        }
        Kind::ListItem => {
            let depth = usize::try_from(block.level).unwrap_or(1).max(1);
            let deeper = marks.indent.repeat(depth - 1);
            let point = if block.ordered {
                format!("{}. ", next(numbers, depth))
            } else {
                numbers.truncate(depth - 1);
                marks.point.to_owned()
            };
            let under = format!("\n{deeper}{}", " ".repeat(point.chars().count()));
            format!("{deeper}{point}{}", words(&block.spans, marks).replace('\n', &under))
        }
        Kind::Quote => match marks.quote {
            Quote::Lines(mark) => {
                format!("{mark}{}", words(&block.spans, marks).replace('\n', &format!("\n{mark}")))
            }
            Quote::Around(open, close) => format!("{open}{}{close}", words(&block.spans, marks)),
        },
        Kind::Paragraph | Kind::Unspecified => words(&block.spans, marks),
    }
}

/// The number of the next item at this depth; deeper ones begin anew.
fn next(numbers: &mut Vec<u32>, depth: usize) -> u32 {
    numbers.resize(depth, 0);
    let Some(number) = numbers.last_mut() else { return 1 };
    *number += 1;
    *number
}

fn words(spans: &[Span], marks: &Marks) -> String {
    spans.iter().map(|span| run(span, marks)).collect()
}

/// Marks stand at words and within a line: elsewhere most providers show them as they are.
fn run(span: &Span, marks: &Marks) -> String {
    let lines: Vec<String> = span
        .text
        .split('\n')
        .map(|line| {
            let words = line.trim();
            if words.is_empty() {
                return line.to_owned();
            }
            let begin = line.len() - line.trim_start().len();
            let before = line.get(..begin).unwrap_or_default();
            let after = line.get(begin + words.len()..).unwrap_or_default();
            format!("{before}{}{after}", marked(words, span, marks))
        })
        .collect();
    lines.join(marks.line_break)
}

fn marked(words: &str, span: &Span, marks: &Marks) -> String {
    let mut out = if span.code { (marks.code)(words) } else { (marks.escape)(words) };
    let looks = [(span.strike, marks.strike), (span.italic, marks.italic), (span.bold, marks.bold)];
    for (_, (open, close)) in looks.into_iter().filter(|(has, _)| *has) {
        out = format!("{open}{out}{close}");
    }
    match &span.link {
        Some(address) => (marks.link)(&out, address),
        None => out,
    }
}
