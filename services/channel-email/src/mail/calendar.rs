/// Lines of a calendar beyond this are not read.
const MOST_LINES: usize = 2000;

/// What an invitation says, in words; none when there is no meeting in it.
pub(crate) fn words(calendar: &str) -> Option<String> {
    let lines = unfolded(calendar);
    let field = |name: &str| value(&lines, name);
    let event: Vec<String> = lines
        .iter()
        .skip_while(|line| !line.eq_ignore_ascii_case("BEGIN:VEVENT"))
        .take_while(|line| !line.eq_ignore_ascii_case("END:VEVENT"))
        .cloned()
        .collect();
    if event.is_empty() {
        return None;
    }
    let of_event = |name: &str| value(&event, name);
    let what = match field("METHOD").as_deref() {
        Some("CANCEL") => "Meeting cancelled",
        Some("REPLY") => "Answer to an invitation",
        _ => "Invitation",
    };
    let mut said = vec![format!("{what}: {}", of_event("SUMMARY").unwrap_or_default()).trim().to_owned()];
    let when = [of_event("DTSTART"), of_event("DTEND")].into_iter().flatten().map(|time| moment(&time));
    let when = when.collect::<Vec<_>>().join(" – ");
    if !when.is_empty() {
        said.push(format!("When: {when}"));
    }
    said.extend(
        of_event("LOCATION").filter(|place| !place.is_empty()).map(|place| format!("Where: {place}")),
    );
    Some(said.join("\n"))
}

/// Lines that begin with a space go on with the one before (RFC 5545).
fn unfolded(calendar: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for line in calendar.lines().take(MOST_LINES) {
        let line = line.trim_end_matches('\r');
        match (line.strip_prefix([' ', '\t']), lines.last_mut()) {
            (Some(rest), Some(last)) => last.push_str(rest),
            _ => lines.push(line.to_owned()),
        }
    }
    lines
}

/// A property's value, with the name of its time zone behind it.
fn value(lines: &[String], name: &str) -> Option<String> {
    lines.iter().find_map(|line| {
        let (head, value) = line.split_once(':')?;
        let mut parameters = head.split(';');
        if !parameters.next()?.eq_ignore_ascii_case(name) {
            return None;
        }
        let zone = parameters.find_map(|parameter| parameter.strip_prefix("TZID="));
        let plain = value.replace("\\n", " ").replace("\\N", " ").replace("\\,", ",").replace("\\;", ";");
        let plain: String = plain.chars().filter(|c| !c.is_control()).take(300).collect();
        Some(match zone {
            Some(zone) => format!("{plain} {}", zone.trim_matches('"')),
            None => plain,
        })
    })
}

/// `20260115T093000Z` as people write it; anything else as it is.
fn moment(text: &str) -> String {
    let (stamp, zone) = text.split_once(' ').map_or((text, ""), |(stamp, zone)| (stamp, zone));
    let utc = stamp.ends_with('Z');
    let digits: String = stamp.chars().filter(char::is_ascii_digit).collect();
    let part = |from: usize, to: usize| digits.get(from..to).unwrap_or_default();
    let date = format!("{}-{}-{}", part(0, 4), part(4, 6), part(6, 8));
    let words = match digits.len() {
        8 => date,
        12.. => format!("{date} {}:{}", part(8, 10), part(10, 12)),
        _ => return text.to_owned(),
    };
    let zone = if utc { "UTC" } else { zone };
    format!("{words} {zone}").trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_told_in_words() {
        let calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Delivery\\, second\r\n  try\r\n\
                        DTSTART;TZID=Europe/Berlin:20260115T093000\r\nDTEND:20260115T100000Z\r\n\
                        LOCATION:Gate 3\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
        let said = words(calendar).unwrap();
        assert_eq!(
            said,
            "Invitation: Delivery, second try\nWhen: 2026-01-15 09:30 Europe/Berlin – 2026-01-15 10:00 UTC\nWhere: Gate 3"
        );
        let cancelled =
            words("METHOD:CANCEL\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260115\nEND:VEVENT").unwrap();
        assert_eq!(cancelled, "Meeting cancelled:\nWhen: 2026-01-15");
        assert_eq!(words("BEGIN:VCALENDAR\nEND:VCALENDAR"), None);
    }
}
