//! One shape for what clients build in many.

use url::Url;
use weft_proto::conversation::v1::{
    RichText,
    rich_text::{Block, Kind, Span},
};

use crate::attributes::MOST_ATTRIBUTES;

/// How many blocks a text has at most.
pub const MOST_BLOCKS: usize = 500;
/// How many characters all its words have at most.
pub const MOST_CHARS: usize = 20_000;
/// How many runs of one look a text has at most.
pub(crate) const MOST_SPANS: usize = 2_000;
/// How many bytes it takes at most where it is kept and passed on.
const MOST_BYTES: usize = 256 * 1024;
/// How deep lists go; what is deeper is drawn here.
const DEEPEST: u32 = 6;
/// The longest address of a link.
const MOST_LINK_CHARS: usize = 2_000;

/// Why words with looks are not taken.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Refused {
    /// More blocks than anybody reads.
    #[error("has more than {MOST_BLOCKS} paragraphs, items and headings; send it in parts")]
    TooManyBlocks,
    /// More words than one message has.
    #[error("has more than {MOST_CHARS} characters; send it in parts")]
    TooLong,
    /// More changes of look than anybody sees.
    #[error("changes its looks more than {MOST_SPANS} times; take some formatting away")]
    TooManySpans,
    /// More attributes of one tag than are read.
    #[error("has a tag with more than {MOST_ATTRIBUTES} attributes; take some of them away")]
    TooManyAttributes,
    /// More bytes than are kept beside a message.
    #[error("takes more than {} KiB with its links; send it in parts", MOST_BYTES / 1024)]
    TooLarge,
    /// A link that is no address of the web, mail or telephone.
    #[error("links to {0:?}; a link begins with https://, http://, mailto: or tel:")]
    Link(String),
}

/// Brings it into one shape: no empty blocks, neighbours that look alike are one, links are whole addresses.
pub fn checked(rich: RichText) -> Result<RichText, Refused> {
    if rich.blocks.len() > MOST_BLOCKS {
        return Err(Refused::TooManyBlocks);
    }
    if rich.blocks.iter().map(|block| block.spans.len()).sum::<usize>() > MOST_SPANS {
        return Err(Refused::TooManySpans);
    }
    let spans = rich.blocks.iter().flat_map(|block| &block.spans);
    if spans.map(|span| span.text.chars().count()).sum::<usize>() > MOST_CHARS {
        return Err(Refused::TooLong);
    }
    let blocks = rich.blocks.into_iter().map(block).collect::<Result<Vec<_>, _>>()?;
    let rich = RichText { blocks: blocks.into_iter().filter(|block| !block.spans.is_empty()).collect() };
    if encoded_bytes(&rich) > MOST_BYTES { Err(Refused::TooLarge) } else { Ok(rich) }
}

/// Whether its words say all there is: plain text shows the same.
pub fn is_plain(rich: &RichText) -> bool {
    rich.blocks.iter().all(|block| {
        block.kind() == Kind::Paragraph && block.spans.iter().all(|span| *span == plain(span.text.clone()))
    })
}

/// Words without looks: what blank lines part are paragraphs.
pub fn from_plain(text: &str) -> RichText {
    let paragraphs =
        text.split("\n\n").map(|text| text.trim_matches('\n')).filter(|text| !text.trim().is_empty());
    let block = |text: &str| Block {
        kind: Kind::Paragraph.into(),
        spans: vec![plain(text.to_owned())],
        ..Block::default()
    };
    RichText { blocks: paragraphs.map(block).collect() }
}

/// How words look: two that look alike can be one.
pub(crate) fn look(span: &Span) -> (bool, bool, bool, bool, Option<&str>) {
    (span.bold, span.italic, span.strike, span.code, span.link.as_deref())
}

/// Words without looks.
pub(crate) fn plain(text: String) -> Span {
    Span { text, ..Span::default() }
}

fn block(from: Block) -> Result<Block, Refused> {
    let kind = match from.kind() {
        Kind::Unspecified => Kind::Paragraph,
        known => known,
    };
    let mut read = Vec::with_capacity(from.spans.len());
    for mut span in from.spans {
        span.text = clean(&span.text);
        span.link =
            span.link.filter(|link| !link.trim().is_empty()).map(|link| address(&link)).transpose()?;
        if kind == Kind::CodeBlock {
            span = plain(span.text);
        }
        add(&mut read, span);
    }
    trim(&mut read);
    // only now: a space within linked words is no span of its own any more
    let mut spans = Vec::with_capacity(read.len());
    for mut span in read {
        span.link = span.link.filter(|_| !span.text.trim().is_empty());
        add(&mut spans, span);
    }
    let level = match kind {
        Kind::Heading => from.level.clamp(1, 3),
        Kind::ListItem => from.level.clamp(1, DEEPEST),
        _ => 0,
    };
    Ok(Block { kind: kind.into(), level, ordered: from.ordered && kind == Kind::ListItem, spans })
}

/// Words that look like those before them are one with them.
fn add(spans: &mut Vec<Span>, span: Span) {
    match spans.last_mut() {
        _ if span.text.is_empty() => {}
        Some(last) if look(last) == look(&span) => last.text.push_str(&span.text),
        _ => spans.push(span),
    }
}

/// How many bytes it has at most as an encoded message.
fn encoded_bytes(rich: &RichText) -> usize {
    // tags, lengths and numbers
    const BLOCK: usize = 12;
    const SPAN: usize = 20;
    let span = |span: &Span| SPAN + span.text.len() + span.link.as_ref().map_or(0, String::len);
    rich.blocks.iter().map(|block| BLOCK + block.spans.iter().map(span).sum::<usize>()).sum()
}

/// No control characters but the end of a line and a tab.
fn clean(text: &str) -> String {
    let unix = text.replace("\r\n", "\n").replace('\r', "\n");
    unix.chars().filter(|c| matches!(c, '\n' | '\t') || !c.is_control()).collect()
}

/// A block neither begins nor ends with an empty line.
fn trim(spans: &mut Vec<Span>) {
    while let Some(last) = spans.last_mut() {
        last.text.truncate(last.text.trim_end().len());
        if !last.text.is_empty() {
            break;
        }
        spans.pop();
    }
    let blank = spans.iter().take_while(|span| span.text.trim().is_empty()).count();
    spans.drain(..blank);
    if let Some(first) = spans.first_mut() {
        // what is indented stays so
        let begin = first.text.find(|c: char| c != '\n').unwrap_or(0);
        first.text.drain(..begin);
    }
}

/// A whole address that a link may lead to.
pub(crate) fn address(link: &str) -> Result<String, Refused> {
    let refused = || Refused::Link(link.chars().take(100).collect());
    let url = Url::parse(link.trim()).map_err(|_| refused())?;
    let goes = match url.scheme() {
        "http" | "https" => url.host_str().is_some_and(|host| !host.is_empty()),
        "mailto" | "tel" => !url.path().is_empty(),
        _ => false,
    };
    let whole = String::from(url);
    // what is written in another way can be longer than what was given
    if goes && whole.chars().count() <= MOST_LINK_CHARS { Ok(whole) } else { Err(refused()) }
}
