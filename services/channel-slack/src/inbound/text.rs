use crate::emoji;

/// Slack's markup as plain words: addresses stand behind their words, and mentions of us are left out.
pub(super) fn plain(text: &str, is_us: impl Fn(&str) -> bool) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        shown.push_str(&words(before));
        let Some((inside, behind)) = after.split_once('>') else {
            shown.push('<');
            rest = after;
            continue;
        };
        match reference(inside, &is_us) {
            Some(reference) => {
                shown.push_str(&reference);
                rest = behind;
            }
            // what was called is not said
            None => rest = behind.trim_start(),
        }
    }
    shown.push_str(&words(rest));
    shown.trim().to_owned()
}

/// What stands between `<` and `>`; none when it is left out.
fn reference(inside: &str, is_us: impl Fn(&str) -> bool) -> Option<String> {
    let (target, label) = match inside.split_once('|') {
        Some((target, label)) => (target, Some(unescaped(label)).filter(|label| !label.is_empty())),
        None => (inside, None),
    };
    if let Some(user) = target.strip_prefix('@') {
        return (!is_us(user)).then(|| format!("@{}", label.as_deref().unwrap_or(user)));
    }
    if let Some(channel) = target.strip_prefix('#') {
        return Some(format!("#{}", label.as_deref().unwrap_or(channel)));
    }
    if let Some(special) = target.strip_prefix('!') {
        let name = special.split('^').next().unwrap_or(special);
        return Some(label.unwrap_or_else(|| format!("@{name}")));
    }
    let target = unescaped(target);
    let bare = |text: &str| text.split_once(':').map_or(text, |(_, rest)| rest).trim_matches('/').to_owned();
    Some(match label {
        Some(label) if label == target || bare(&target) == label => label,
        Some(label) => format!("{label} ({target})"),
        None => target,
    })
}

fn words(text: &str) -> String {
    unescaped(&emoji::replaced(text))
}

fn unescaped(text: &str) -> String {
    // the last one, or `&amp;lt;` would become `<`
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_becomes_plain_words() {
        let table = [
            ("Hello <https://example.com|site> &amp; co", "Hello site (https://example.com) & co"),
            ("<https://example.com/a?b=1&amp;c=2>", "https://example.com/a?b=1&c=2"),
            ("<http://example.com|example.com>", "example.com"),
            ("<mailto:a@example.com|a@example.com>", "a@example.com"),
            ("<@U0ADA00001> and <@U0BOB00001|bob>", "@U0ADA00001 and @bob"),
            ("<@U0BOT00001> help", "help"),
            ("please <@U0BOT00001>, help", "please , help"),
            ("<#C0X|general> and <#C0Y>", "#general and #C0Y"),
            ("<!here> <!subteam^S1|@staff>", "@here @staff"),
            ("<!date^1767225600^{date}|1 January>", "1 January"),
            ("1 &lt; 2 &amp;&amp; 3 &gt; 2 &amp;lt;", "1 < 2 && 3 > 2 &lt;"),
            (":tada: <https://example.com/:tada:>", "🎉 https://example.com/:tada:"),
            ("odd < end", "odd < end"),
            ("*bold* _slanted_ ~gone~ `code`", "*bold* _slanted_ ~gone~ `code`"),
        ];
        for (text, shown) in table {
            assert_eq!(plain(text, |user| user == "U0BOT00001"), shown, "{text}");
        }
    }
}
