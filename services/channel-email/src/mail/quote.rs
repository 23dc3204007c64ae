//! What somebody wrote, and what their program quoted below it.

/// How a line begins that stands above what is quoted, in the languages of the common programs, and how it ends.
const ATTRIBUTIONS: [(&str, &str); 9] = [
    ("On ", "wrote:"),
    ("Am ", ":"),
    ("Le ", "a écrit :"),
    ("Le ", "a écrit:"),
    ("El ", "escribió:"),
    ("Il ", "ha scritto:"),
    ("Em ", "escreveu:"),
    ("Op ", "schreef:"),
    ("", " wrote:"),
];
/// Words of those lines that end in a colon only.
const SCHRIEB: &str = "schrieb";
/// The first words of the block that some programs put above what is quoted.
const HEADS: [[&str; 2]; 5] =
    [["From:", "Sent:"], ["From:", "Date:"], ["Von:", "Gesendet:"], ["De:", "Envoyé"], ["De:", "Enviado"]];
const REPLY_ABOVE: &str = "##- Please type your reply above this line -##";
const FORWARDS: [&str; 2] = ["---------- Forwarded message", "Begin forwarded message:"];
const PHONES: [&str; 5] =
    ["Sent from my ", "Von meinem ", "Envoyé de mon ", "Enviado desde mi ", "Get Outlook for "];
/// An attribution longer than this is no attribution.
const LONGEST_ATTRIBUTION: usize = 400;

/// A text without what it quotes; none when it quotes nothing, or nothing is left above, or answers stand between the quotes.
pub(crate) fn without_quotes(text: &str) -> Option<String> {
    let lines: Vec<&str> = text.lines().collect();
    let end = (0..lines.len()).find(|&at| is_cut(&lines, at))?;
    let (above, below) = (lines.get(..end)?, lines.get(end..)?);
    if answers_between(below) {
        return None;
    }
    let kept = above.join("\n").trim_end().to_owned();
    (!kept.trim().is_empty()).then_some(kept)
}

/// Whether everything from this line on is quoted, or a signature.
fn is_cut(lines: &[&str], at: usize) -> bool {
    let Some(line) = lines.get(at) else { return false };
    let trimmed = line.trim();
    if trimmed == REPLY_ABOVE || *line == "-- " {
        return true;
    }
    if trimmed.starts_with("-----Original Message-----")
        || trimmed.starts_with("-----Ursprüngliche Nachricht")
    {
        return true;
    }
    if is_underscored(trimmed) && lines.get(at + 1).is_some_and(|_| heads(lines, at + 1)) {
        return true;
    }
    if heads(lines, at) {
        return !is_forwarded(lines, at);
    }
    if is_attribution(lines, at) {
        return true;
    }
    // quotes with nothing above them that says whose, at the very end
    let quoted_to_the_end = trimmed.starts_with('>')
        && lines.iter().skip(at).all(|line| line.trim().is_empty() || line.trim_start().starts_with('>'));
    quoted_to_the_end || is_phone(lines, at)
}

fn is_underscored(line: &str) -> bool {
    line.len() >= 10 && line.chars().all(|c| c == '_')
}

/// `From:` and `Sent:` in two of the next lines.
fn heads(lines: &[&str], at: usize) -> bool {
    let line = |ahead: usize| lines.get(at + ahead).map_or("", |line| line.trim().trim_matches('*'));
    HEADS.iter().any(|[first, second]| {
        line(0).starts_with(first) && (line(1).starts_with(second) || line(2).starts_with(second))
    })
}

/// What is forwarded is what the mail is about.
fn is_forwarded(lines: &[&str], at: usize) -> bool {
    let before = lines.iter().take(at).rev().take(3);
    before.into_iter().any(|line| FORWARDS.iter().any(|forward| line.trim().starts_with(forward)))
}

/// A line that says who wrote what follows; it may be wrapped over up to three.
fn is_attribution(lines: &[&str], at: usize) -> bool {
    let starts =
        lines.get(at).is_some_and(|line| !line.trim().is_empty() && !line.trim_start().starts_with('>'));
    starts
        && (1..=3).any(|count| {
            let Some(part) = lines.get(at..at + count) else { return false };
            if part.iter().any(|line| line.trim().is_empty()) {
                return false;
            }
            let joined = part.join(" ");
            let quoted_next = lines.iter().skip(at + count).find(|line| !line.trim().is_empty());
            let follows = quoted_next.is_none_or(|line| line.trim_start().starts_with('>'));
            let line = joined.trim();
            let dated = line.chars().any(|c| c.is_ascii_digit());
            line.len() <= LONGEST_ATTRIBUTION
                && ATTRIBUTIONS.iter().any(|(start, end)| {
                    let anybody = !start.is_empty() || count == 1;
                    let german = *start != "Am " || line.contains(SCHRIEB);
                    // without a quote behind it, only a line with a date is believed
                    line.starts_with(start)
                        && line.ends_with(end)
                        && german
                        && anybody
                        && (follows || (dated && !start.is_empty()))
                })
        })
}

/// `Sent from my phone` as the last line that says anything.
fn is_phone(lines: &[&str], at: usize) -> bool {
    let Some(line) = lines.get(at) else { return false };
    let last = lines.iter().skip(at + 1).all(|line| line.trim().is_empty());
    last && PHONES.iter().any(|phone| line.trim().starts_with(phone)) && line.trim().chars().count() < 60
}

/// Somebody answered line by line: then nothing is cut.
fn answers_between(below: &[&str]) -> bool {
    let mut quoted = false;
    let mut signature = false;
    for line in below.iter().skip(1) {
        let trimmed = line.trim();
        signature = signature || *line == "-- ";
        if trimmed.starts_with('>') {
            quoted = true;
        } else if quoted && !trimmed.is_empty() && !signature {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests;
