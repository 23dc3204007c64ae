use crate::engine::{Heard, Segment};

/// A word with its time and how sure it is.
struct Word<'a> {
    text: &'a str,
    start: f64,
    end: f64,
    confidence: f64,
}

/// Reads what the program says: a line for each utterance, then one for each of its words, as `word start end confidence`.
pub(super) fn read(said: &str, language: &str) -> Heard {
    let mut segments: Vec<Segment> = Vec::new();
    let mut confidences = Vec::new();
    for line in said.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some(word) = word(line) else {
            segments.push(Segment { start: 0.0, end: 0.0, text: line.to_owned() });
            continue;
        };
        // what stands for silence and noise
        if word.text.starts_with(['<', '[', '+']) {
            continue;
        }
        confidences.push(word.confidence.clamp(0.0, 1.0));
        if let Some(segment) = segments.last_mut() {
            if segment.end == 0.0 {
                segment.start = word.start;
            }
            segment.end = word.end;
        }
    }
    let texts: Vec<&str> = segments.iter().map(|segment| segment.text.as_str()).collect();
    Heard {
        text: texts.join(" "),
        language: language.to_owned(),
        confidence: mean(&confidences),
        segments,
        seconds: 0.0,
    }
}

fn word(line: &str) -> Option<Word<'_>> {
    let mut parts = line.split_ascii_whitespace();
    let text = parts.next()?;
    let mut number = || parts.next()?.parse().ok();
    let word = Word { text, start: number()?, end: number()?, confidence: number()? };
    parts.next().is_none().then_some(word)
}

fn mean(values: &[f64]) -> Option<f64> {
    let count = u32::try_from(values.len()).ok().filter(|count| *count > 0)?;
    Some(values.iter().sum::<f64>() / f64::from(count))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn utterances_are_told_with_their_times_and_noise_is_left_out() {
        let said = "go forward\n<s> 0.000 0.300 1.000000\ngo 0.310 0.500 0.900000\n<sil> 0.510 0.600 0.4\n\
                    forward(2) 0.610 1.200 0.700000\n</s> 1.210 1.300 1.000000\n\nten meters\nten 2.0 2.3 1.1\n";
        let heard = read(said, "en-US");
        assert_eq!(heard.text, "go forward ten meters");
        let segment = |start, end, text: &str| Segment { start, end, text: text.to_owned() };
        assert_eq!(heard.segments[0], segment(0.31, 1.2, "go forward"));
        assert_eq!(heard.segments[1], segment(2.0, 2.3, "ten meters"));
        assert!((heard.confidence.unwrap() - 2.6 / 3.0).abs() < 1e-9);
        assert_eq!(read("\n", "en-US"), Heard { language: "en-US".to_owned(), ..Heard::default() });
    }
}
