use proptest::prelude::*;
use weft_proto::conversation::v1::{
    RichText,
    rich_text::{Block, Kind, Span},
};

use super::*;

const STARS: Marks = Marks {
    bold: ("*", "*"),
    italic: ("_", "_"),
    strike: ("~", "~"),
    code: |text| format!("`{}`", escaped(text)),
    code_block: |text| format!("```{}```", escaped(text)),
    quote: Quote::Lines("> "),
    point: "• ",
    indent: "  ",
    line_break: "\n",
    link: |words, address| format!("<{address}|{words}>"),
    escape: escaped,
};

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

fn span(text: &str) -> Span {
    Span { text: text.into(), ..Span::default() }
}

fn paragraph(spans: Vec<Span>) -> Block {
    Block { kind: Kind::Paragraph.into(), spans, ..Block::default() }
}

#[test]
fn html_becomes_blocks_that_are_shown_alike_everywhere() {
    // html, plain, marks, html again
    let table = [
        ("Hello", "Hello", "Hello", "<p>Hello</p>"),
        (
            "<p>Dear <b>Ann</b>,</p><p>yes.</p>",
            "Dear Ann,\n\nyes.",
            "Dear *Ann*,\n\nyes.",
            "<p>Dear <strong>Ann</strong>,</p><p>yes.</p>",
        ),
        ("one<br>two", "one\ntwo", "one\ntwo", "<p>one<br>two</p>"),
        ("<b>one<br>two</b>", "one\ntwo", "*one*\n*two*", "<p><strong>one<br>two</strong></p>"),
        ("<b> a </b>b", "a b", "*a* b", "<p><strong>a </strong>b</p>"),
        (
            "<h2>Hours</h2>\n<ul>\n <li>Mo <i>9-5</i></li>\n <li>Tu</li>\n</ul>",
            "Hours\n\n• Mo 9-5\n• Tu",
            "*Hours*\n\n• Mo _9-5_\n• Tu",
            "<h2>Hours</h2><ul><li>Mo <em>9-5</em></li><li>Tu</li></ul>",
        ),
        (
            "<ol><li>a<ul><li>b</li><li>c</li></ul></li><li><p>d</p></li></ol>",
            "1. a\n  • b\n  • c\n2. d",
            "1. a\n  • b\n  • c\n2. d",
            "<ol><li>a<ul><li>b</li><li>c</li></ul></li><li>d</li></ol>",
        ),
        (
            "<ul><li>a</li></ul><ol><li>b</li></ol>",
            "• a\n1. b",
            "• a\n1. b",
            "<ul><li>a</li></ul><ol><li>b</li></ol>",
        ),
        (
            "<blockquote><p>said</p><p>so</p></blockquote>ok",
            "> said\n> so\n\nok",
            "> said\n> so\n\nok",
            "<blockquote><p>said</p><p>so</p></blockquote><p>ok</p>",
        ),
        (
            "<pre>  a\n    b &lt; c</pre>",
            "  a\n    b < c",
            "```  a\n    b &lt; c```",
            "<pre>  a\n    b &lt; c</pre>",
        ),
        (
            "<a href='https://example.com/a?b=c&amp;d'>here</a>",
            "here (https://example.com/a?b=c&d)",
            "<https://example.com/a?b=c&d|here>",
            "<p><a href=\"https://example.com/a?b=c&amp;d\">here</a></p>",
        ),
        (
            "<a href='https://example.com'>example.com</a>",
            "example.com",
            "<https://example.com/|example.com>",
            "<p><a href=\"https://example.com/\">example.com</a></p>",
        ),
        ("<a href='javascript:alert(1)'>x</a><a href='/rel'>y</a>", "xy", "xy", "<p>xy</p>"),
        (
            "a<script>b</script><style>c</style><img src=x onerror=d><iframe src=e></iframe>f",
            "af",
            "af",
            "<p>af</p>",
        ),
        (
            "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td></tr></table>",
            "a b\n\nc",
            "a b\n\nc",
            "<p>a b</p><p>c</p>",
        ),
        (
            "a<textarea><b>x</textarea><template><p>y</template><noscript>z</noscript>b",
            "ab",
            "ab",
            "<p>ab</p>",
        ),
        ("a<SCRIPT>'</b>' <p></scr</SCRIPT >b<svg onload=x><title>t</title></svg>", "ab", "ab", "<p>ab</p>"),
        ("<p> </p><div><div></div></div>", "", "", ""),
        (
            "&lt;b&gt; &amp; مرحبا 👋",
            "<b> & مرحبا 👋",
            "&lt;b&gt; &amp; مرحبا 👋",
            "<p>&lt;b&gt; &amp; مرحبا 👋</p>",
        ),
        ("<u>under</u> <font color=red>red</font>", "under red", "under red", "<p>under red</p>"),
        (
            "<b><i><s><code>all</code></s></i></b>",
            "all",
            "*_~`all`~_*",
            "<p><strong><em><s><code>all</code></s></em></strong></p>",
        ),
    ];
    for (html, plain, marks, again) in table {
        let rich = from_html(html).unwrap();
        assert_eq!(to_plain(&rich), plain, "{html}");
        assert_eq!(written(&rich, &STARS), marks, "{html}");
        assert_eq!(to_html(&rich), again, "{html}");
        assert_eq!(from_html(&to_html(&rich)).unwrap(), rich, "{html}");
    }
}

#[test]
fn what_a_client_builds_is_brought_into_one_shape() {
    let bold = |text: &str| Span { bold: true, ..span(text) };
    let rich = RichText {
        blocks: vec![
            paragraph(vec![span("\n\n"), bold("a"), bold("b"), span(""), span("c\r\n\u{7}"), span(" \n")]),
            paragraph(vec![span("  ")]),
            Block { kind: Kind::Heading.into(), level: 9, spans: vec![span("h")], ..Block::default() },
            Block { kind: 99, level: 9, ordered: true, spans: vec![span("from later")] },
        ],
    };
    let blocks = checked(rich).unwrap().blocks;
    assert_eq!(blocks[0].spans, [bold("ab"), span("c")]);
    assert_eq!((blocks[1].level, blocks[1].kind()), (3, Kind::Heading));
    assert_eq!((blocks[2].level, blocks[2].ordered, blocks[2].kind()), (0, false, Kind::Paragraph));
    assert_eq!(blocks.len(), 3);
}

#[test]
fn too_much_and_links_to_elsewhere_are_refused_in_words() {
    let many = |count: usize, text: &str| RichText { blocks: vec![paragraph(vec![span(text)]); count] };
    assert_eq!(checked(many(MOST_BLOCKS + 1, "a")), Err(Refused::TooManyBlocks));
    assert_eq!(checked(many(2, &"a".repeat(MOST_CHARS))), Err(Refused::TooLong));
    assert_eq!(
        checked(RichText { blocks: vec![paragraph(vec![span("a"); 2_001])] }),
        Err(Refused::TooManySpans)
    );
    for link in [
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/passwd",
        "https://",
        "x",
        "mailto:",
        "//example.com",
    ] {
        let rich = RichText { blocks: vec![paragraph(vec![Span { link: Some(link.into()), ..span("x") }])] };
        assert_eq!(checked(rich), Err(Refused::Link(link.into())), "{link}");
    }
    let long = format!("https://example.com/{}", "a".repeat(2_000));
    let rich = RichText { blocks: vec![paragraph(vec![Span { link: Some(long), ..span("x") }])] };
    assert!(matches!(checked(rich), Err(Refused::Link(shown)) if shown.chars().count() == 100));
}

#[test]
fn a_link_without_words_to_touch_is_left_out() {
    let link = |text: &str| Span { link: Some("https://example.com/".into()), ..span(text) };
    let row = |spans| checked(RichText { blocks: vec![paragraph(spans)] }).unwrap().blocks.remove(0).spans;
    assert_eq!(row(vec![span("a"), link(" "), link("\n"), span("b")]), [span("a \nb")]);
    assert_eq!(
        row(vec![link("a"), link(" "), link("b")]),
        [link("a b")],
        "a space within its words is one of them"
    );
    let rich =
        from_html("<a href='https://example.com'> &nbsp;</a>a<a href='https://example.com'>b&nbsp;c</a>");
    assert_eq!(rich.unwrap().blocks[0].spans, [span("a"), link("b c")]);
}

#[test]
fn a_links_length_is_that_of_its_whole_address() {
    let read = |link: String| {
        checked(RichText { blocks: vec![paragraph(vec![Span { link: Some(link), ..span("x") }])] })
    };
    let of = |letter: &str, count: usize| format!("https://example.com/{}", letter.repeat(count));
    assert!(read(of("a", 1_980)).is_ok() && read(of("ü", 330)).is_ok());
    for long in [of("a", 1_981), of("ü", 331)] {
        assert!(matches!(read(long), Err(Refused::Link(shown)) if shown.chars().count() == 100));
    }
}

#[test]
fn what_takes_too_many_bytes_is_refused() {
    let link = |at: usize| format!("https://example.com/{at:0>1900}");
    let linked = |count| {
        let spans = (0..count).map(|at| Span { link: Some(link(at)), ..span("x") }).collect();
        checked(RichText { blocks: vec![paragraph(spans)] })
    };
    assert!(linked(130).is_ok());
    assert_eq!(linked(140), Err(Refused::TooLarge));
    assert!(Refused::TooLarge.to_string().contains("256 KiB"), "{}", Refused::TooLarge);
    let longest = RichText { blocks: vec![paragraph(vec![span(&"👋".repeat(MOST_CHARS))])] };
    assert!(checked(longest).is_ok(), "words alone are never too large");
}

#[test]
fn pieces_of_one_look_are_one_however_many() {
    let address = format!("https://example.com/{}", "a".repeat(1_900));
    let table = [
        "a&nbsp;".repeat(5_000),
        "&amp;".repeat(5_000),
        format!("<b>{}</b>", "a&nbsp;".repeat(5_000)),
        format!("<pre>{}</pre>", "line\n".repeat(3_000)),
        format!("<span>{}</span>", "<font>a</font>".repeat(5_000)),
        format!("<a href='{address}'>{}</a>", "a&nbsp;".repeat(5_000)),
    ];
    for html in table {
        let shown: String = html.chars().take(40).collect();
        let rich = from_html(&html).unwrap_or_else(|refused| panic!("{shown}: {refused}"));
        assert_eq!(rich.blocks.iter().map(|block| block.spans.len()).collect::<Vec<_>>(), [1], "{shown}");
    }
}

#[test]
fn more_looks_than_anybody_sees_are_refused_and_not_gathered() {
    let address = format!("https://example.com/{}", "a".repeat(1_900));
    let looks = format!("<a href='{address}'>{}</a>", "<b>a</b>b".repeat(20_000));
    let before = std::time::Instant::now();
    assert_eq!(from_html(&looks), Err(Refused::TooManySpans));
    assert!(before.elapsed() < std::time::Duration::from_secs(10), "{:?}", before.elapsed());
    assert_eq!(from_html(&"<p>a</p>".repeat(20_000)), Err(Refused::TooManyBlocks));
    let blank = format!("{}a", "<p><b>&nbsp;</b></p>".repeat(5_000));
    assert_eq!(to_plain(&from_html(&blank).unwrap()), "a", "what is not shown does not count");
    let lost = format!("{}a", "<b>&nbsp;</b>&nbsp;".repeat(1_500));
    assert_eq!(from_html(&lost), Err(Refused::TooManySpans), "words are refused, never lost");
}

#[test]
fn points_depths_and_line_breaks_are_the_providers() {
    let marks = Marks { point: "- ", indent: "    ", line_break: "  \n", ..STARS };
    let table = [
        ("<p>one<br><b>two</b></p><p>three</p>", "one  \n*two*\n\nthree"),
        ("<ul><li>a<br>b<ul><li>c</li></ul></li></ul>", "- a  \n  b\n    - c"),
        ("<ol><li>a<br>b<ol><li>c</li></ol></li><li>d</li></ol>", "1. a  \n   b\n    1. c\n2. d"),
        ("<blockquote><p>a<br>b</p><p>c</p></blockquote>", "> a  \n> b  \n> c"),
        ("<pre>a\nb</pre>", "```a\nb```"),
    ];
    for (html, expected) in table {
        assert_eq!(written(&from_html(html).unwrap(), &marks), expected, "{html}");
    }
}

#[test]
fn code_is_written_as_the_provider_writes_it() {
    let marks = Marks {
        code: |text| format!("<{text}>"),
        code_block: |text| format!("<<{text}>>"),
        escape: |text| text.replace('*', "\\*"),
        ..STARS
    };
    let rich = from_html("a*<code>b*</code><b><code>c*</code></b><pre>d*\ne</pre>").unwrap();
    assert_eq!(written(&rich, &marks), "a\\*<b*>*<c*>*\n\n<<d*\ne>>");
}

#[test]
fn deeply_nested_html_takes_no_long_time() {
    for tag in ["blockquote", "b id=1", "p", "ul", "table", "a href=x", "svg", "template"] {
        let name = tag.split(' ').next().unwrap();
        let deep = format!("x{}y{}", format!("<{tag}>").repeat(10_000), format!("</{name}>").repeat(10_000));
        let before = std::time::Instant::now();
        assert!(to_plain(&from_html(&deep).unwrap()).starts_with('x'), "{tag}");
        assert!(before.elapsed() < std::time::Duration::from_secs(10), "{tag}: {:?}", before.elapsed());
    }
}

#[test]
fn a_tag_with_attributes_without_end_is_refused_and_takes_no_long_time() {
    let many = |count: usize| (0..count).map(|at| format!(" a{at}='>'")).collect::<String>();
    // whatever stands before it
    let begins = [
        "<b",
        "x</b",
        "<b/",
        "<!-- <a b=\" --><b",
        "<i title='<b c=\"'>x</i><b",
        "<style>a<b c='</style><b",
        "<b title=a/b c = 'd'",
    ];
    let before = std::time::Instant::now();
    for begin in begins {
        for end in [">x</b>", ""] {
            let html = format!("{begin}{}{end}", many(100_000));
            assert_eq!(from_html(&html), Err(Refused::TooManyAttributes), "{begin}…{end}");
        }
    }
    assert!(before.elapsed() < std::time::Duration::from_secs(10), "{:?}", before.elapsed());
    let taken = [
        format!("<b{}>x</b>", many(200)),
        format!("<b title=\"{}\">x</b>", "a=b 'c' d ".repeat(1_000)),
        "<b a=1 c='2' d>x</b>".repeat(1_000),
        format!("{}x", "1 < 2 > 3 ".repeat(1_000)),
    ];
    for html in taken {
        let shown: String = html.chars().take(40).collect();
        assert!(to_plain(&from_html(&html).unwrap()).ends_with('x'), "{shown}");
    }
}

#[test]
fn words_without_looks_are_plain() {
    assert!(is_plain(&from_html("<p>a</p><p>b</p>").unwrap()));
    for html in ["<b>a</b>", "<ul><li>a</li></ul>", "<a href='https://example.com'>a</a>", "<h1>a</h1>"] {
        assert!(!is_plain(&from_html(html).unwrap()), "{html}");
    }
}

proptest! {
    #[test]
    fn any_html_becomes_html_that_reads_back_the_same(html in any_html()) {
        if let Ok(rich) = from_html(&html) {
            let safe = to_html(&rich);
            prop_assert!(!safe.to_lowercase().contains("<script") && !safe.contains(" on"), "{safe}");
            prop_assert_eq!(from_html(&safe).unwrap(), rich);
        }
    }

    #[test]
    fn any_text_survives(text in "[a-z<>&\"' \u{0600}-\u{0610}👋]{0,60}") {
        let rich = checked(RichText { blocks: vec![paragraph(vec![span(&text)])] }).unwrap();
        prop_assert_eq!(to_plain(&rich), text.trim_end().to_owned());
    }
}

fn any_html() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("<p>"),
        Just("</p>"),
        Just("<b>"),
        Just("</b>"),
        Just("<ul>"),
        Just("</ul>"),
        Just("<ol>"),
        Just("<li>"),
        Just("</li>"),
        Just("<blockquote>"),
        Just("</blockquote>"),
        Just("<h1>"),
        Just("</h1>"),
        Just("<pre>"),
        Just("</pre>"),
        Just("<br>"),
        Just("<a href='https://a.example/'>"),
        Just("</a>"),
        Just("<script>"),
        Just("</script>"),
        Just("word"),
        Just(" "),
        Just("&lt;x&gt;"),
        Just("\n"),
        Just("<i>"),
        Just("</i>"),
        Just("<td>"),
        Just("<table>"),
        Just("</ol>"),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}
