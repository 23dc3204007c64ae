/// More headers than any honest mail has.
const MOST: usize = 500;
/// Longer values are cut.
const LONGEST: usize = 16 * 1024;

/// The head of a mail, as far as it is read: names in lower case, values unfolded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Headers(Vec<(String, String)>);

impl Headers {
    /// Reads the head of a mail, or of a part of one. Only an empty line ends it; lines that are no headers are passed over.
    pub(crate) fn read(raw: &[u8]) -> Self {
        let mut headers: Vec<(String, String)> = Vec::new();
        for line in raw.split(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            if line.is_empty() || headers.len() > MOST {
                break;
            }
            let text = decoded(line.get(..LONGEST).unwrap_or(line));
            if text.starts_with([' ', '\t']) {
                if let Some((_, value)) = headers.last_mut()
                    && value.len() < LONGEST
                {
                    value.push(' ');
                    value.push_str(text.trim());
                }
            } else if let Some((name, value)) = text.split_once(':') {
                headers.push((name.trim_end().to_ascii_lowercase(), value.trim().to_owned()));
            }
        }
        Self(headers)
    }

    /// The first header of this name, which is in lower case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// All headers of this name.
    pub(crate) fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The ids between angle brackets in a header; other words are passed over.
    pub(crate) fn ids(&self, name: &str) -> Vec<String> {
        self.get(name).map(ids).unwrap_or_default()
    }
}

/// The ids between angle brackets; a single bare word with an `@` is one, too.
pub(crate) fn ids(value: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = value;
    while let Some((_, after)) = rest.split_once('<') {
        let Some((inside, behind)) = after.split_once('>') else { break };
        let id: String =
            inside.chars().filter(|c| !c.is_whitespace() && !c.is_control() && *c != '<').collect();
        if !id.is_empty() {
            found.push(id);
        }
        rest = behind;
    }
    let bare = value.trim();
    if found.is_empty()
        && bare.contains('@')
        && !bare.contains(|c: char| c.is_whitespace() || c == '<' || c == '>')
    {
        found.push(bare.to_owned());
    }
    found
}

/// Raw bytes beyond ASCII are UTF-8, or else what most programs mean when they do not say.
fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_read_however_badly_it_is_made() {
        let raw = b"Subject: one\n two\r\nno colon here\r\nX-A : b\r\nSubject: second\nFrom: J\xfcrgen\r\n\r\nX-B: no";
        let headers = Headers::read(raw);
        assert_eq!(headers.get("subject"), Some("one two"));
        assert_eq!(headers.all("subject").count(), 2);
        assert_eq!((headers.get("x-a"), headers.get("x-b")), (Some("b"), None));
        assert_eq!(headers.get("from"), Some("Jürgen"));
    }

    #[test]
    fn ids_are_what_stands_between_brackets() {
        assert_eq!(ids("(see) <a@x> and\t< b@y > <> <c"), ["a@x", "b@y"]);
        assert_eq!(ids("bare@x"), ["bare@x"]);
        assert!(ids("no id here").is_empty() && ids("").is_empty());
    }

    #[test]
    fn ten_thousand_headers_are_not_kept() {
        let raw = "X-Spam: no\r\n".repeat(10_000);
        assert!(Headers::read(raw.as_bytes()).0.len() <= MOST + 1);
    }
}
