//! HTML in and out.

use std::cell::RefCell;

use html5ever::{
    TokenizerResult,
    buffer_queue::BufferQueue,
    tendril::StrTendril,
    tokenizer::{Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts, states::RawKind},
};
use weft_proto::conversation::v1::{
    RichText,
    rich_text::{Block, Kind, Span},
};

use crate::{
    attributes,
    blocks::{MOST_BLOCKS, MOST_SPANS, Refused, address, checked, look},
};

/// What stands in these is not shown.
const UNSHOWN: [&str; 11] = [
    "script", "style", "title", "template", "noscript", "iframe", "noembed", "noframes", "textarea",
    "select", "object",
];

/// Takes of HTML what the model knows; all else is left out, and its words stay. What runs, loads or covers anything has no place
/// in the model. Read token by token: no tree is built, so that what is nested without end takes no time.
pub fn from_html(html: &str) -> Result<RichText, Refused> {
    if attributes::are_too_many(html) {
        return Err(Refused::TooManyAttributes);
    }
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(html));
    let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
    // no state of the reading asks for a script to be run
    while let TokenizerResult::Script(()) = tokenizer.feed(&queue) {}
    tokenizer.end();
    tokenizer.sink.end()
}

/// The words as HTML: nothing in it but the looks.
pub fn to_html(rich: &RichText) -> String {
    let mut out = String::new();
    // the lists that are open, each numbered or not
    let mut lists: Vec<bool> = Vec::new();
    let mut quoting = false;
    for block in &rich.blocks {
        let kind = block.kind();
        let depth = if kind == Kind::ListItem { usize::try_from(block.level).unwrap_or(1).max(1) } else { 0 };
        let turns = |lists: &[bool]| {
            depth > 0 && lists.get(depth - 1).is_some_and(|ordered| *ordered != block.ordered)
        };
        while lists.len() > depth || turns(&lists) {
            out.push_str(if lists.pop() == Some(true) { "</li></ol>" } else { "</li></ul>" });
        }
        if quoting && kind != Kind::Quote {
            out.push_str("</blockquote>");
            quoting = false;
        }
        let words = as_html(&block.spans);
        match kind {
            Kind::ListItem => {
                if lists.len() == depth {
                    out.push_str("</li>");
                }
                while lists.len() < depth {
                    out.push_str(if block.ordered { "<ol>" } else { "<ul>" });
                    lists.push(block.ordered);
                    if lists.len() < depth {
                        out.push_str("<li>");
                    }
                }
                out.push_str(&format!("<li>{words}"));
            }
            Kind::Quote => {
                out.push_str(if quoting { "" } else { "<blockquote>" });
                quoting = true;
                out.push_str(&format!("<p>{words}</p>"));
            }
            Kind::Heading => {
                let level = block.level.clamp(1, 3);
                out.push_str(&format!("<h{level}>{words}</h{level}>"));
            }
            Kind::CodeBlock => {
                let text: String = block.spans.iter().map(|span| escaped(&span.text)).collect();
                out.push_str(&format!("<pre>{text}</pre>"));
            }
            Kind::Paragraph | Kind::Unspecified => out.push_str(&format!("<p>{words}</p>")),
        }
    }
    for ordered in lists.into_iter().rev() {
        out.push_str(if ordered { "</li></ol>" } else { "</li></ul>" });
    }
    if quoting {
        out.push_str("</blockquote>");
    }
    out
}

fn as_html(spans: &[Span]) -> String {
    spans
        .iter()
        .map(|span| {
            let mut out = escaped(&span.text).replace('\n', "<br>");
            let looks = [(span.code, "code"), (span.strike, "s"), (span.italic, "em"), (span.bold, "strong")];
            for (_, tag) in looks.into_iter().filter(|(has, _)| *has) {
                out = format!("<{tag}>{out}</{tag}>");
            }
            match &span.link {
                Some(link) => format!("<a href=\"{}\">{out}</a>", escaped(link)),
                None => out,
            }
        })
        .collect()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// Reads HTML from front to back; tags that are never closed hold to the end.
#[derive(Default)]
struct Reader(RefCell<Reading>);

#[derive(Default)]
struct Reading {
    done: Vec<Block>,
    spans: Vec<Span>,
    look: Look,
    /// Lists around, each numbered or not.
    lists: Vec<bool>,
    /// Quotations, headings and fixed widths around.
    within: Vec<(Kind, u32)>,
    /// An item whose first words are to come.
    item: Option<bool>,
    /// A row's cells are apart.
    cell: bool,
    /// The element around that is not shown.
    unshown: Option<String>,
    /// How many runs of one look there are, up to the most.
    runs: usize,
    /// There were more; they were left out.
    too_many: bool,
}

#[derive(Default)]
struct Look {
    bold: u32,
    italic: u32,
    strike: u32,
    code: u32,
    links: Vec<Option<String>>,
}

impl Look {
    fn link(&self) -> Option<&str> {
        self.links.last()?.as_deref()
    }

    fn is_of(&self, span: &Span) -> bool {
        look(span) == (self.bold > 0, self.italic > 0, self.strike > 0, self.code > 0, self.link())
    }

    fn span(&self, text: &str) -> Span {
        Span {
            text: text.to_owned(),
            bold: self.bold > 0,
            italic: self.italic > 0,
            strike: self.strike > 0,
            code: self.code > 0,
            link: self.link().map(str::to_owned),
        }
    }
}

impl Reader {
    fn end(&self) -> Result<RichText, Refused> {
        let mut reading = self.0.borrow_mut();
        reading.end_block();
        let blocks = std::mem::take(&mut reading.done);
        if reading.too_many && blocks.len() <= MOST_BLOCKS {
            return Err(Refused::TooManySpans);
        }
        checked(RichText { blocks })
    }
}

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut reading = self.0.borrow_mut();
        match token {
            Token::CharacterTokens(text) if reading.unshown.is_none() => reading.words(&text),
            Token::TagToken(tag) => return reading.tag_or_unshown(&tag),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Reading {
    fn tag_or_unshown(&mut self, tag: &Tag) -> TokenSinkResult<()> {
        let opens = tag.kind == TagKind::StartTag;
        match &self.unshown {
            Some(name) if !opens && *name == *tag.name => self.unshown = None,
            Some(_) => {}
            None if opens && !tag.self_closing && UNSHOWN.contains(&&*tag.name) => {
                self.unshown = Some(tag.name.to_string());
                // in these nothing is a tag but their own end
                return match &*tag.name {
                    "script" => TokenSinkResult::RawData(RawKind::ScriptData),
                    "style" | "iframe" | "noembed" | "noframes" => TokenSinkResult::RawData(RawKind::Rawtext),
                    "title" | "textarea" => TokenSinkResult::RawData(RawKind::Rcdata),
                    _ => TokenSinkResult::Continue,
                };
            }
            None => self.tag(tag),
        }
        TokenSinkResult::Continue
    }

    fn tag(&mut self, tag: &Tag) {
        let opens = tag.kind == TagKind::StartTag;
        let count = |number: &mut u32| *number = if opens { *number + 1 } else { number.saturating_sub(1) };
        match &*tag.name {
            "b" | "strong" => count(&mut self.look.bold),
            "i" | "em" => count(&mut self.look.italic),
            "s" | "strike" | "del" => count(&mut self.look.strike),
            "code" | "tt" | "kbd" => count(&mut self.look.code),
            "a" if opens => {
                let href = tag.attrs.iter().find(|attribute| &*attribute.name.local == "href");
                self.look.links.push(href.and_then(|attribute| address(&attribute.value).ok()));
            }
            "a" => drop(self.look.links.pop()),
            "br" => self.push("\n"),
            "hr" => self.end_block(),
            "td" | "th" => self.cell = opens && !self.spans.is_empty(),
            "ul" | "ol" => {
                self.end_block();
                if opens {
                    self.lists.push(&*tag.name == "ol");
                } else {
                    self.lists.pop();
                }
            }
            "li" => {
                self.end_block();
                self.item = opens.then(|| self.lists.last().copied().unwrap_or_default());
            }
            "blockquote" => self.enter(opens, Kind::Quote, 0),
            "pre" => self.enter(opens, Kind::CodeBlock, 0),
            "h1" => self.enter(opens, Kind::Heading, 1),
            "h2" => self.enter(opens, Kind::Heading, 2),
            "h3" | "h4" | "h5" | "h6" => self.enter(opens, Kind::Heading, 3),
            "p" | "div" | "section" | "article" | "header" | "footer" | "main" | "aside" | "nav"
            | "table" | "tr" | "dl" | "dt" | "dd" | "center" | "address" | "form" | "fieldset" | "figure"
            | "figcaption" | "body" | "html" => self.end_block(),
            _ => {}
        }
    }

    fn enter(&mut self, opens: bool, kind: Kind, level: u32) {
        self.end_block();
        if opens {
            self.within.push((kind, level));
        } else {
            self.within.pop();
        }
    }

    /// Spaces in HTML are one, unless their width is fixed.
    fn words(&mut self, text: &str) {
        if self.within.last().is_some_and(|(kind, _)| *kind == Kind::CodeBlock) {
            return self.push(text);
        }
        let is_spaced = |spans: &[Span]| spans.last().is_none_or(|span| span.text.ends_with([' ', '\n']));
        if std::mem::take(&mut self.cell) && !text.trim().is_empty() && !is_spaced(&self.spans) {
            self.push(" ");
        }
        let mut out = String::with_capacity(text.len());
        let mut spaced = is_spaced(&self.spans);
        for c in text.chars() {
            let is_space = matches!(c, ' ' | '\t' | '\n' | '\r' | '\x0c');
            if !is_space {
                out.push(if c == '\u{a0}' { ' ' } else { c });
            } else if !spaced {
                out.push(' ');
            }
            spaced = is_space;
        }
        self.push(&out);
    }

    /// The tokenizer gives words in pieces, an entity or a line at a time.
    fn push(&mut self, text: &str) {
        match self.spans.last_mut() {
            _ if text.is_empty() => {}
            Some(last) if self.look.is_of(last) => last.text.push_str(text),
            // each has its own copy of a link: they are not gathered without end
            _ if self.runs == MOST_SPANS => self.too_many = true,
            _ => {
                self.runs += 1;
                self.spans.push(self.look.span(text));
            }
        }
    }

    fn end_block(&mut self) {
        self.cell = false;
        let spans = std::mem::take(&mut self.spans);
        if spans.iter().all(|span| span.text.trim().is_empty()) {
            self.runs -= spans.len();
            return;
        }
        let depth = u32::try_from(self.lists.len()).unwrap_or(u32::MAX);
        let within = self.within.last().copied();
        let (kind, level, ordered) = match (self.item.take(), within) {
            (_, Some((Kind::CodeBlock, _))) => (Kind::CodeBlock, 0, false),
            (Some(ordered), _) => (Kind::ListItem, depth.max(1), ordered),
            (None, Some((kind, level))) => (kind, level, false),
            (None, None) => (Kind::Paragraph, 0, false),
        };
        self.done.push(Block { kind: kind.into(), level, ordered, spans });
    }
}
