/// What mail programs put before a subject when they answer or forward.
const PREFIXES: [&str; 12] = ["re", "fwd", "fw", "aw", "wg", "rv", "tr", "sv", "vs", "antw", "res", "enc"];

/// A subject without what answering and forwarding put before it.
pub(crate) fn base(subject: &str) -> &str {
    let mut rest = subject.trim();
    while let Some((before, after)) = rest.split_once(':') {
        let word = before.trim();
        // Re[2]: and Re(2): count answers
        let bare = word.split(['[', '(']).next().unwrap_or(word).trim();
        if !PREFIXES.iter().any(|prefix| bare.eq_ignore_ascii_case(prefix)) {
            break;
        }
        rest = after.trim();
    }
    rest
}

/// The subject of an answer.
pub(crate) fn answer(subject: &str) -> String {
    format!("Re: {}", base(subject))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_answering_and_forwarding_put_before_a_subject_is_taken_off() {
        for subject in ["Order 7", "Re: Order 7", "AW: WG: Order 7", "RE[2]: Re: Order 7", "Fwd:Order 7"] {
            assert_eq!(base(subject), "Order 7", "{subject}");
        }
        for subject in ["Order: 7", "Regarding: 7", ""] {
            assert_eq!(base(subject), subject);
        }
        assert_eq!(answer("AW: Order 7"), "Re: Order 7");
    }
}
