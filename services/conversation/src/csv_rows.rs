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
/// What begins so is a formula to a spreadsheet, some of it to those of Asia, whose signs are wide.
const FORMULA: [char; 10] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋', '－', '＠'];
/// Where a spreadsheet may begin a new cell inside of one.
const SPLITS: [char; 4] = [';', '\t', '\r', '\n'];
/// What a spreadsheet may leave out at the beginning of a cell: a mark, what is left of a quote, and room.
const LEFT_OUT: [char; 3] = ['\'', '"', ' '];

/// A row of a file.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    /// Its number as a spreadsheet shows it: empty lines count.
    pub(crate) number: u64,
    /// Where the next line begins, in bytes.
    pub(crate) end: u64,
    /// Its cells, or why they cannot be read.
    pub(crate) cells: std::result::Result<Vec<String>, Unread>,
}

/// Why the cells of a row cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unread {
    /// It has so many bytes.
    TooLong(usize),
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

/// The first row of a file, and how the file is read on.
#[derive(Clone, Debug)]
pub(crate) struct Heading {
    /// What stands between cells.
    pub(crate) delimiter: u8,
    /// What the columns are called.
    pub(crate) columns: Vec<String>,
    /// Its number.
    pub(crate) number: u64,
    /// Where the next line begins, in bytes.
    pub(crate) end: u64,
}

/// Puts pieces of a file together and gives its rows.
#[derive(Debug)]
pub(crate) struct Rows {
    delimiter: u8,
    /// Where in the file the piece at hand begins.
    start: u64,
    /// How many lines are before it.
    number: u64,
    held: Vec<u8>,
}

/// A row in what is held.
struct Found {
    number: u64,
    begin: usize,
    end: usize,
    record: ByteRecord,
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
        let (mut found, mut number, mut rest) = self.find(is_end)?;
        if !is_end && let Some(last) = found.pop() {
            (number, rest) = (last.number - 1, last.begin);
            if found.is_empty() && self.held.len() - rest >= LONGEST_SEARCH {
                let words = format!(
                    "row {} has no end: a quote in it is not closed, or it is longer than {LONGEST_ROW} bytes",
                    last.number
                );
                return Err(unreadable(words));
            }
        }
        let mut rows = Vec::with_capacity(found.len());
        for Found { number, begin, end, record } in found {
            if record.iter().all(|cell| cell.trim_ascii().is_empty()) {
                continue;
            }
            let end_in_file = self.start + length(end)?;
            rows.push(Row { number, end: end_in_file, cells: cells(&record, end - begin) });
        }
        self.held.drain(..rest);
        self.start += length(rest)?;
        self.number = number;
        Ok(rows)
    }

    /// The rows in what is held, how many lines it has with those before it, and where it was read to.
    fn find(&self, is_end: bool) -> Result<(Vec<Found>, u64, usize)> {
        let mut builder = ReaderBuilder::new();
        builder.has_headers(false).flexible(true).delimiter(self.delimiter);
        let mut reader = builder.from_reader(self.held.as_slice());
        let (mut found, mut number, mut place) = (Vec::new(), self.number, 0);
        let from = |place: usize| self.held.get(place..).unwrap_or_default();
        loop {
            let (empty, bytes) = empty_lines(from(place), is_end);
            number += empty;
            place += bytes;
            let mut record = ByteRecord::new();
            if !reader.read_byte_record(&mut record).map_err(Error::internal)? {
                return Ok((found, number, place));
            }
            number += 1;
            let (begin, end) = (place, usize::try_from(reader.position().byte()).map_err(Error::internal)?);
            // the reader leaves the second half of a line's end to the next row
            let is_halved = end > 0 && from(end - 1).starts_with(b"\r\n");
            place = end + usize::from(is_halved);
            found.push(Found { number, begin, end: place, record });
        }
    }
}

/// How many empty lines are at the beginning, and their bytes. A line's end of which half may be missing is none yet.
fn empty_lines(text: &[u8], is_end: bool) -> (u64, usize) {
    let (mut count, mut rest) = (0, text);
    loop {
        rest = match rest {
            [b'\r', b'\n', rest @ ..] | [b'\n', rest @ ..] => rest,
            [b'\r'] if !is_end => break,
            [b'\r', rest @ ..] => rest,
            _ => break,
        };
        count += 1;
    }
    (count, text.len() - rest.len())
}

fn length(bytes: usize) -> Result<u64> {
    u64::try_from(bytes).map_err(Error::internal)
}

fn cells(record: &ByteRecord, length: usize) -> std::result::Result<Vec<String>, Unread> {
    if length > LONGEST_ROW {
        return Err(Unread::TooLong(length));
    }
    let text = |cell: &[u8]| {
        let text = std::str::from_utf8(cell).ok().filter(|text| !text.contains('\0'));
        text.map(plain).ok_or(Unread::NotText)
    };
    record.iter().map(text).collect()
}

/// The heading of a file whose beginning this is.
pub(crate) fn heading(beginning: &[u8], is_end: bool) -> Result<Heading> {
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
    let delimiter = delimiter(text);
    let mut rows = Rows::at(delimiter, length(beginning.len() - text.len())?, 0);
    rows.push(text);
    let first = rows.take(is_end)?.into_iter().next();
    let first = first.ok_or_else(|| unreadable("the file has no heading"))?;
    let columns = first.cells.map_err(|unread| unreadable(Error::from(unread).message()))?;
    let columns = columns.into_iter().map(|column| column.trim().to_owned()).collect();
    Ok(Heading { delimiter, columns, number: first.number, end: first.end })
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

/// One line of a file.
pub(crate) fn line(cells: &[String]) -> Result<Vec<u8>> {
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(cells.iter().map(|cell| harmless(cell))).map_err(Error::internal)?;
    writer.into_inner().map_err(|error| Error::internal(error.to_string()))
}

/// A cell that no spreadsheet takes for a formula, nor a part of it where a spreadsheet splits it: a `'` stands before what would
/// be one, and before what looks as if one stood there already, so that [`plain`] gives back what it was.
fn harmless(text: &str) -> String {
    let marked = |part| if is_formula(part) { ["'", part] } else { ["", part] };
    text.split_inclusive(SPLITS).flat_map(marked).collect()
}

/// What [`harmless`] was given.
fn plain(cell: &str) -> String {
    cell.split_inclusive(SPLITS).map(bare).collect()
}

fn bare(part: &str) -> &str {
    part.strip_prefix('\'').filter(|rest| is_formula(rest)).unwrap_or(part)
}

fn is_formula(part: &str) -> bool {
    part.trim_start_matches(LEFT_OUT).starts_with(FORMULA)
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
