//! Rows of a CSV file that comes in pieces, and cells that no spreadsheet takes for a formula.

use csv::{ByteRecord, ReaderBuilder};
use weft_domain::{Error, ErrorCode, Result};

/// The longest row.
const LONGEST_ROW: usize = 64 * 1024;
/// A row that has no end by then has lost a quote: where the next one begins nobody knows.
pub(crate) const LONGEST_SEARCH: usize = 4 * LONGEST_ROW;
/// What stands between cells, the usual one first.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];
/// What Excel and others write at the beginning of a file in UTF-8.
pub(crate) const BOM: &[u8] = b"\xef\xbb\xbf";
/// A cell that begins so is a formula to a spreadsheet.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// A row of a file.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Its number; the heading is 1.
    pub(crate) number: u64,
    /// Where the next one begins, in bytes.
    pub(crate) end: u64,
    /// Its cells, or why they cannot be read.
    pub(crate) cells: std::result::Result<Vec<String>, Unread>,
}

/// Why the cells of a row cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It has so many bytes.
    TooLong(u64),
    /// It is no text in UTF-8.
    NotText,
}

impl From<Unread> for Error {
    fn from(unread: Unread) -> Self {
        match unread {
            Unread::TooLong(length) => {
                let words = format!("a row may have {LONGEST_ROW} bytes; this one has {length}");
                Self::new(ErrorCode::TooLarge, "row_too_long", words)
            }
            Unread::NotText => {
                Self::invalid("not_utf8", "the row is not text in UTF-8; save the file as “CSV UTF-8”")
            }
        }
    }
}

/// Puts pieces of a file together and gives its rows.
#[derive(Debug)]
pub(crate) struct Rows {
    delimiter: u8,
    /// Where in the file the piece at hand begins.
    start: u64,
    /// The number of the row that was given last.
    number: u64,
    held: Vec<u8>,
}

impl Rows {
    /// The rows from a place on, so many being before it.
    pub(crate) fn at(delimiter: u8, start: u64, number: u64) -> Self {
        Self { delimiter, start, number, held: Vec::new() }
    }

    /// Adds the next piece.
    pub(crate) fn push(&mut self, piece: &[u8]) {
        self.held.extend_from_slice(piece);
    }

    /// Whether there is enough to look for rows.
    pub(crate) fn is_full(&self) -> bool {
        self.held.len() >= LONGEST_SEARCH
    }

    /// The rows that are whole: at the end of the file the last one is, too. Empty ones are left out, and have numbers.
    pub(crate) fn take(&mut self, is_end: bool) -> Result<Vec<Row>> {
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(self.delimiter);
        let mut reader = builder.from_reader(self.held.as_slice());
        let mut found = Vec::new();
        loop {
            let mut record = ByteRecord::new();
            let begin = reader.position().byte();
            if !reader.read_byte_record(&mut record).map_err(Error::internal)? {
                break;
            }
            found.push((begin, reader.position().byte(), record));
        }
        let mut rest = u64::try_from(self.held.len()).map_err(Error::internal)?;
        if !is_end && let Some((begin, ..)) = found.pop() {
            rest = begin;
            if found.is_empty() && self.is_full() {
                let words = format!(
                    "row {} has no end: a quote in it is not closed, or it is longer than {LONGEST_ROW} bytes",
                    self.number + 1
                );
                return Err(unreadable(words));
            }
        }
        let mut rows = Vec::with_capacity(found.len());
        for (begin, end, record) in found {
            self.number += 1;
            if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
                continue;
            }
            let cells = cells(&record, end - begin);
            rows.push(Row { number: self.number, end: self.start + end, cells });
        }
        self.held.drain(..usize::try_from(rest).map_err(Error::internal)?);
        self.start += rest;
        Ok(rows)
    }
}

fn cells(record: &ByteRecord, length: u64) -> std::result::Result<Vec<String>, Unread> {
    if usize::try_from(length).map_or(true, |length| length > LONGEST_ROW) {
        return Err(Unread::TooLong(length));
    }
    let text = |cell: &[u8]| {
        let text = std::str::from_utf8(cell).ok().filter(|text| !text.contains('\0'));
        text.map(plain).ok_or(Unread::NotText)
    };
    record.iter().map(text).collect()
}

/// The heading of a file whose beginning this is: what stands between cells, the headings, and where the first row begins.
pub(crate) fn heading(beginning: &[u8], is_end: bool) -> Result<(u8, Vec<String>, u64)> {
    if beginning.starts_with(b"\xff\xfe") || beginning.starts_with(b"\xfe\xff") {
        return Err(unreadable("the file is in UTF-16; save it as “CSV UTF-8”"));
    }
    if beginning.starts_with(b"PK\x03\x04") || beginning.starts_with(b"\xd0\xcf\x11\xe0") {
        return Err(unreadable("the file is a spreadsheet's own; save it as “CSV UTF-8”"));
    }
    if beginning.contains(&0) {
        return Err(unreadable("the file is not CSV: it is not even text"));
    }
    let text = beginning.strip_prefix(BOM).unwrap_or(beginning);
    if text.trim_ascii().is_empty() {
        return Err(unreadable("the file is empty"));
    }
    let skipped = u64::try_from(beginning.len() - text.len()).map_err(Error::internal)?;
    let delimiter = delimiter(text);
    let mut rows = Rows::at(delimiter, skipped, 0);
    rows.push(text);
    let first = rows.take(is_end)?.into_iter().next();
    let first = first.ok_or_else(|| unreadable("the file has no heading"))?;
    let headings = first.cells.map_err(|unread| unreadable(Error::from(unread).message()))?;
    let headings = headings.into_iter().map(|heading| heading.trim().to_owned()).collect();
    Ok((delimiter, headings, first.end))
}

/// What stands between the cells of the first line: whatever is there most often outside quotes.
fn delimiter(text: &[u8]) -> u8 {
    let mut is_quoted = false;
    let mut counts = [0_usize; DELIMITERS.len()];
    for byte in text.trim_ascii_start() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\r' | b'\n' if !is_quoted => break,
            byte if !is_quoted => {
                let places = counts.iter_mut().zip(DELIMITERS);
                places.filter(|(_, one)| one == byte).for_each(|(count, _)| *count += 1);
            }
            _ => {}
        }
    }
    let best = counts.into_iter().zip(DELIMITERS).rev().max_by_key(|(count, _)| *count);
    best.map_or(b',', |(_, delimiter)| delimiter)
}

/// Why a file is not read.
pub(crate) fn unreadable(words: impl Into<String>) -> Error {
    Error::invalid("invalid_csv", words)
}

/// A cell that no spreadsheet takes for a formula: a `'` stands before what would be one, and before what looks as if one stood
/// there already, so that [`plain`] gives back what it was.
pub(crate) fn harmless(text: &str) -> String {
    if text.trim_start_matches('\'').starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// What [`harmless`] was given.
pub(crate) fn plain(cell: &str) -> String {
    let rest = cell.strip_prefix('\'').filter(|rest| rest.trim_start_matches('\'').starts_with(FORMULA));
    rest.unwrap_or(cell).to_owned()
}

/// Words in one cell.
pub(crate) fn join(words: &[String]) -> String {
    let escaped = words.iter().map(|word| word.replace('\\', "\\\\").replace(';', "\\;"));
    escaped.collect::<Vec<_>>().join("; ")
}

/// The words of a cell.
pub(crate) fn split(cell: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut letters = cell.chars();
    while let Some(letter) = letters.next() {
        let letter = match letter {
            ';' => {
                words.push(String::new());
                continue;
            }
            '\\' => letters.next().unwrap_or('\\'),
            letter => letter,
        };
        if let Some(word) = words.last_mut() {
            word.push(letter);
        }
    }
    words.into_iter().filter(|word| !word.trim().is_empty()).collect()
}

#[cfg(test)]
mod tests;
