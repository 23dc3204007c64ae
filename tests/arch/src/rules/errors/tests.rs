use super::{error_pages, reason::CONSTRUCTORS};
use crate::rules::broken;

const MANIFEST: (&str, &str) = ("crates/a/Cargo.toml", "[package]\nname = \"x\"\nmetadata.weft.floor = 3\n");
const PAGE: (&str, &str) = ("docs/errors/too_much.md", "# too_much\n\n`too_large` · HTTP 413\n");

fn with(code: &str, page: (&str, &str)) -> Vec<(String, usize)> {
    broken(error_pages, &[MANIFEST, ("crates/a/src/a.rs", code), page])
}

#[test]
fn a_reason_without_a_page_and_a_page_without_a_reason_are_found() {
    let right =
        "fn a() {\n weft_domain::Error::new(\n weft_domain::ErrorCode::TooLarge, \"too_much\", words) }";
    let here = |line| ("crates/a/src/a.rs".to_owned(), line);
    let page = |line| (PAGE.0.to_owned(), line);
    assert_eq!(with(right, PAGE), []);
    assert_eq!(with("fn a() { io::Error::new(Kind::A, \"no word of ours\") }", PAGE), [page(1)]);
    assert_eq!(with(right, ("docs/errors/README.md", "# Errors")), [here(2)]);
    assert_eq!(with(right, (PAGE.0, "# another\n`too_large`")), [page(1)]);
    assert_eq!(with(right, (PAGE.0, &format!("{}{}", PAGE.1, "\n".repeat(12)))), [page(13)]);
}

#[test]
fn each_constructor_is_read_and_its_code_is_on_the_page() {
    for (constructor, code, _) in CONSTRUCTORS.into_iter().skip(1) {
        let use_of = format!("fn a() {{ Error::{constructor}(\"too_much\", words) }}");
        assert_eq!(with(&use_of, PAGE), [(PAGE.0.to_owned(), 1)], "{constructor}");
        let text = format!("# too_much\n`{}`", code.unwrap());
        assert_eq!(with(&use_of, (PAGE.0, &text)), [], "{constructor}");
    }
}

#[test]
fn a_reason_that_cannot_be_read_is_found() {
    for reason in ["reason", "\"Too much\"", "concat!(\"a\")"] {
        let found =
            with(&format!("fn a() {{ Error::invalid({reason}, words) }}"), ("docs/errors/README.md", ""));
        assert_eq!(found, [("crates/a/src/a.rs".to_owned(), 1)], "{reason}");
    }
}
