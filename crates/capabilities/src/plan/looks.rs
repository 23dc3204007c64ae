use weft_proto::conversation::v1::{
    RichText,
    rich_text::{Block, Kind, Span},
};

/// The most that a provider's marks add to a block, and to words of one look.
const MARKS: usize = 32;

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

/// How many bytes it takes at most, however a provider marks it.
pub(super) fn room(rich: &RichText) -> usize {
    let span = |span: &Span| {
        let is_plain = *span == Span { text: span.text.clone(), ..Span::default() };
        let marks = if is_plain { 0 } else { MARKS * (1 + span.text.matches('\n').count()) };
        span.text.len() + span.link.as_ref().map_or(0, String::len) + marks
    };
    rich.blocks.iter().map(|block| MARKS + block.spans.iter().map(span).sum::<usize>()).sum()
}
