/// What text is, by its content; none when it is not text.
pub(super) fn sniff(head: &[u8]) -> Option<&'static str> {
    let text = readable(head)?;
    if text.contains(|c: char| c.is_control() && !"\t\n\r\x0c\x1b".contains(c)) {
        return None;
    }
    let start = text.trim_start_matches('\u{feff}').trim_start().to_ascii_lowercase();
    if !start.starts_with('<') {
        return Some(if start.starts_with("#!") { "text/x-shellscript" } else { "text/plain" });
    }
    // what a browser would run is looked for in the whole head: comments and prologues may come first
    let is = |tags: &[&str]| tags.iter().any(|tag| start.contains(tag));
    if is(&["<!doctype html", "<html", "<script", "<body", "<iframe", "http://www.w3.org/1999/xhtml"]) {
        Some("text/html")
    } else if is(&["<svg", "http://www.w3.org/2000/svg"]) {
        Some("image/svg+xml")
    } else {
        Some(if start.starts_with("<?xml") { "text/xml" } else { "text/plain" })
    }
}

/// The head may end inside a character.
fn readable(head: &[u8]) -> Option<&str> {
    match std::str::from_utf8(head) {
        Ok(text) => Some(text),
        Err(error) if error.error_len().is_none() => {
            head.get(..error.valid_up_to()).and_then(|whole| std::str::from_utf8(whole).ok())
        }
        Err(_) => None,
    }
}
