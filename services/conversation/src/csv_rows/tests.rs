use proptest::{collection::vec, prelude::*, sample::select};
use rstest::rstest;

use super::*;

/// All rows of a file that comes in pieces of so many bytes, by their numbers.
fn rows(file: &str, piece: usize) -> Vec<(u64, Vec<String>)> {
    let mut rows = Rows::at(b',', 0, 0);
    let mut all = Vec::new();
    for piece in file.as_bytes().chunks(piece) {
        rows.push(piece);
        all.extend(rows.take(false).unwrap());
    }
    all.extend(rows.take(true).unwrap());
    all.into_iter().map(|row| (row.number, row.cells.unwrap())).collect()
}

#[test]
fn a_file_has_the_same_rows_in_whatever_pieces_it_comes() {
    let file = "a,b\r\n\"one\r\ntwo\",\"say \"\"hi\"\"\"\r\n\r\n5\" pipe,ünïcödé 🙂\n,,\nlast,one";
    let whole = rows(file, file.len());
    let cells: Vec<Vec<&str>> =
        whole.iter().map(|(_, cells)| cells.iter().map(String::as_str).collect()).collect();
    assert_eq!(
        cells,
        [
            vec!["a", "b"],
            vec!["one\r\ntwo", "say \"hi\""],
            vec!["5\" pipe", "ünïcödé 🙂"],
            vec!["last", "one"]
        ]
    );
    for piece in 1..20 {
        assert_eq!(rows(file, piece), whole, "pieces of {piece}");
    }
}

#[rstest]
#[case("a\nb\n\n\nc\n", &[1, 2, 5])]
#[case("\n\r\n\ra\r\n\r\nb\r\n", &[4, 6])]
#[case("a\r\rb\r\n\nc", &[1, 3, 5])]
#[case("a\n,,\n \n\nb", &[1, 5])]
#[case("a\r\n\"b\r\n\r\n\"\r\n\r\nc\r\n\r\n", &[1, 2, 4])]
fn a_row_has_the_number_that_a_spreadsheet_shows(#[case] file: &str, #[case] wanted: &[u64]) {
    for piece in 1..=file.len() {
        let numbers: Vec<u64> = rows(file, piece).iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, wanted, "pieces of {piece}");
    }
}

#[test]
fn empty_lines_are_no_row_without_an_end() {
    let empty = "\r\n".repeat(LONGEST_SEARCH);
    let mut all = Rows::at(b',', 0, 0);
    let mut taken = Vec::new();
    for piece in [format!("{empty}a,"), format!("b\r\n{empty}c,d")] {
        all.push(piece.as_bytes());
        taken.extend(all.take(false).unwrap());
    }
    taken.extend(all.take(true).unwrap());
    let lines = u64::try_from(LONGEST_SEARCH).unwrap();
    assert_eq!(taken.iter().map(|row| row.number).collect::<Vec<_>>(), [lines + 1, 2 * lines + 2]);
    assert!(taken.iter().all(|row| row.cells.is_ok()));
}

#[test]
fn the_heading_is_where_it_is() {
    let file = "\u{feff}\r\n\n name ;\"e\nmail\"\r\n\r\nx;y";
    let heading = heading(file.as_bytes(), true).unwrap();
    assert_eq!((heading.delimiter, heading.number), (b';', 3));
    assert_eq!(heading.columns, ["name", "e\nmail"]);
    assert_eq!(&file.as_bytes()[usize::try_from(heading.end).unwrap()..], b"\r\nx;y");
}

#[test]
fn reading_goes_on_where_a_row_ends() {
    let file = "a,b\r\n1,2\r\n\r\n\"3\r\n\",4\r\n\n\r\n5,6\r\n";
    let mut all = Rows::at(b',', 0, 0);
    all.push(file.as_bytes());
    let all = all.take(true).unwrap();
    for (at, row) in all.iter().enumerate() {
        let mut rest = Rows::at(b',', row.end, row.number);
        rest.push(&file.as_bytes()[usize::try_from(row.end).unwrap()..]);
        let rest: Vec<_> = rest
            .take(true)
            .unwrap()
            .into_iter()
            .map(|row| (row.number, row.end, row.cells.unwrap()))
            .collect();
        let wanted: Vec<_> = all[at + 1..]
            .iter()
            .map(|row| (row.number, row.end, row.cells.as_ref().unwrap().clone()))
            .collect();
        assert_eq!(rest, wanted);
    }
}

#[test]
fn a_row_that_is_too_long_or_no_text_is_refused_alone() {
    let long = "x".repeat(LONGEST_ROW);
    let mut rows = Rows::at(b',', 0, 0);
    rows.push(format!("{long},1\nfine,2\n").as_bytes());
    rows.push(b"caf\xe9,3\n");
    let unread: Vec<Option<Unread>> =
        rows.take(true).unwrap().into_iter().map(|row| row.cells.err()).collect();
    assert_eq!(unread, [Some(Unread::TooLong(LONGEST_ROW + 3)), None, Some(Unread::NotText)]);
}

#[test]
fn a_quote_that_is_not_closed_ends_the_reading() {
    let mut rows = Rows::at(b',', 0, 0);
    rows.push(b"\"lost,1\n");
    while !rows.is_full() {
        rows.push(b"next,2\n");
    }
    let error = rows.take(false).unwrap_err();
    assert_eq!(error.reason(), "invalid_csv");
    assert!(error.message().contains("row 1"), "{error}");
}

#[rstest]
#[case("name,email\n", b',')]
#[case("name;e-mail, second;phone\n", b';')]
#[case("name\temail\n", b'\t')]
#[case("\"a;b;c\",email\n", b',')]
#[case("name\n", b',')]
#[case("\u{feff}name;email\r\nx", b';')]
fn what_stands_between_cells_is_told_by_the_heading(#[case] file: &str, #[case] wanted: u8) {
    let Heading { delimiter, columns, .. } = heading(file.as_bytes(), true).unwrap();
    assert_eq!(delimiter, wanted);
    assert!(!columns[0].starts_with('\u{feff}'), "{columns:?}");
}

#[rstest]
#[case(b"", "empty")]
#[case(b"\xef\xbb\xbf \r\n", "empty")]
#[case(b"\xff\xfen\0a\0", "UTF-16")]
#[case(b"PK\x03\x04..", "spreadsheet")]
#[case(b"name\0,x\n", "not CSV")]
#[case(b"caf\xe9,x\n", "UTF-8")]
fn what_is_no_csv_is_refused_with_what_it_is(#[case] file: &[u8], #[case] words: &str) {
    let error = heading(file, true).unwrap_err();
    assert!(error.message().contains(words), "{error}");
}

#[rstest]
#[case("=1+1")]
#[case("+44 20")]
#[case("-5")]
#[case("@cmd")]
#[case("\tx")]
#[case("'=quoted")]
#[case("''+twice")]
#[case("'it is")]
#[case("plain")]
#[case("")]
#[case("a;=1+1")]
#[case("a;' =1+1")]
#[case("a\t-1")]
#[case("one\r\n+two\n\n@three")]
#[case("a;\"=1+1\";'b")]
#[case("＝1+1")]
#[case("＋44 20")]
#[case("a; '－5")]
#[case("＠cmd")]
fn a_cell_is_no_formula_and_is_read_as_what_it_was(#[case] text: &str) {
    let cell = harmless(text);
    assert!(no_formula(&cell), "{cell}");
    assert_eq!(plain(&cell), text);
}

/// Whether no spreadsheet finds a formula in a cell, wherever it splits it.
fn no_formula(cell: &str) -> bool {
    let parts = || cell.split([';', '\t', '\r', '\n']).map(|part| part.trim_start_matches([' ', '"']));
    !cell.starts_with(['\t', '\r'])
        && parts().all(|part| !part.starts_with(['=', '+', '-', '@', '＝', '＋', '－', '＠']))
}

/// Text, most of it of what means something in a file.
fn text() -> impl Strategy<Value = String> {
    let odd = select("=+-@＝＋－＠\t\r\n;,'\" \\a".chars().collect::<Vec<char>>());
    let letter = prop_oneof![4 => odd, 1 => any::<char>().prop_filter("no text has it", |one| *one != '\0')];
    vec(letter, 0..12).prop_map(String::from_iter)
}

proptest! {
    #[test]
    fn what_is_written_is_harmless_and_is_read_as_what_it_was(cells in vec(text(), 0..6), words in vec(text(), 0..4)) {
        let written: Vec<String> =
            ["id".to_owned()].into_iter().chain(cells).chain([join(&words)]).collect();
        let line = line(&written).unwrap();
        let mut raw = ReaderBuilder::new().has_headers(false).from_reader(line.as_slice());
        for cell in &raw.records().next().unwrap().unwrap() {
            prop_assert!(no_formula(cell), "{cell:?}");
        }
        let mut rows = Rows::at(b',', 0, 0);
        rows.push(&line);
        let read = rows.take(true).unwrap().remove(0).cells.unwrap();
        prop_assert_eq!(&read, &written);
        let trimmed = |words: &[String]| -> Vec<String> {
            words.iter().map(|word| word.trim().to_owned()).filter(|word| !word.is_empty()).collect()
        };
        prop_assert_eq!(trimmed(&split(read.last().unwrap())), trimmed(&words));
    }
}

#[test]
fn words_of_a_cell_may_hold_what_stands_between_them() {
    let words = ["vip".to_owned(), "a;b".to_owned(), "back\\slash".to_owned()];
    let read: Vec<String> = split(&join(&words)).iter().map(|word| word.trim().to_owned()).collect();
    assert_eq!(read, words);
    assert_eq!(split(" ; "), Vec::<String>::new());
}
