use weft_proto::conversation::v1::{
    RichText,
    rich_text::{Block, Kind, Span},
};

/// The most that a provider's marks add to a block, and to a line of words of one look.
const MARKS: usize = 32;
/// The most that ends a line besides its end: two spaces.
const LINE_BREAK: usize = 2;
/// The most that stands before a line of a quotation, in bytes: `> `.
const QUOTED: usize = 2;
/// The most that stands before a line of an item, in bytes: `500. `.
const POINT: usize = 5;
/// The most that each list around an item's own adds before its lines.
const INDENT: usize = 4;
/// How deep lists go.
const DEEPEST: u32 = 6;

/// The same with more below it.
pub(super) fn with_paragraphs(rich: &RichText, added: &[String]) -> RichText {
    let paragraph = |text: &String| Block {
        kind: Kind::Paragraph.into(),
        spans: vec![Span { text: text.clone(), ..Span::default() }],
        ..Block::default()
    };
    let added = added.iter().filter(|text| !text.is_empty()).map(paragraph);
    RichText { blocks: rich.blocks.iter().cloned().chain(added).collect() }
}

/// Whether it takes no more than this, however a provider marks it.
pub(super) fn fits(rich: &RichText, max_chars: usize, max_bytes: Option<usize>) -> bool {
    let chars = |text: &str| text.chars().count();
    room(rich, chars) <= max_chars && max_bytes.is_none_or(|most| room(rich, str::len) <= most)
}

fn room(rich: &RichText, size: impl Fn(&str) -> usize) -> usize {
    rich.blocks.iter().map(|block| room_of(block, &size)).sum()
}

fn room_of(block: &Block, size: impl Fn(&str) -> usize) -> usize {
    let kind = block.kind();
    let before_line = match kind {
        Kind::Quote => QUOTED,
        Kind::ListItem => {
            let around = block.level.clamp(1, DEEPEST) - 1;
            POINT + INDENT * usize::try_from(around).unwrap_or_default()
        }
        _ => 0,
    };
    let ends = |text: &str| text.matches('\n').count();
    let span = |span: &Span| {
        let is_plain = *span == Span { text: span.text.clone(), ..Span::default() };
        let address = span.link.as_deref().map_or(0, &size);
        let marks = if is_plain && kind != Kind::Heading { 0 } else { MARKS + address };
        // code stands between more of them than it has in it
        let fences =
            if span.code || kind == Kind::CodeBlock { 2 * span.text.matches('`').count() } else { 0 };
        size(&span.text) + marks * (1 + ends(&span.text)) + fences
    };
    let lines = 1 + block.spans.iter().map(|span| ends(&span.text)).sum::<usize>();
    MARKS + lines * (before_line + LINE_BREAK) + block.spans.iter().map(span).sum::<usize>()
}
