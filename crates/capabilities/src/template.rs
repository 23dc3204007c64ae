//! Words with variables in them, each as `{{name}}` or `{{1}}`.

enum Piece<'a> {
    Words(&'a str),
    Variable(&'a str),
}

/// The names of the variables, each once, in the order in which they stand; numbers in their own.
pub fn variables(words: &str) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for piece in pieces(words) {
        if let Piece::Variable(name) = piece
            && !names.iter().any(|known| known == name)
        {
            names.push(name.to_owned());
        }
    }
    let numbers: Option<Vec<u32>> = names.iter().map(|name| name.parse().ok()).collect();
    if numbers.is_some() {
        names.sort_by_key(|name| name.parse::<u32>().unwrap_or_default());
    }
    names
}

/// The words with values in the place of variables; one without a value stays as it stands.
pub fn fill<'a>(words: &'a str, value: impl Fn(&str) -> Option<&'a str>) -> String {
    let piece = |piece| match piece {
        Piece::Words(words) => words.to_owned(),
        Piece::Variable(name) => value(name).map_or_else(|| format!("{{{{{name}}}}}"), str::to_owned),
    };
    pieces(words).into_iter().map(piece).collect()
}

fn pieces(words: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = words;
    while let Some((before, after)) = rest.split_once("{{") {
        pieces.push(Piece::Words(before));
        let variable = after.split_once("}}").filter(|(name, _)| is_name(name.trim()));
        rest = match variable {
            Some((name, behind)) => {
                pieces.push(Piece::Variable(name.trim()));
                behind
            }
            None => {
                pieces.push(Piece::Words("{{"));
                after
            }
        };
    }
    pieces.push(Piece::Words(rest));
    pieces
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_named_once_and_numbers_in_their_order() {
        assert_eq!(
            variables("Hi {{first_name}}, {{ order_id }}. Bye {{first_name}}"),
            ["first_name", "order_id"]
        );
        assert_eq!(variables("{{10}} of {{2}}, {{1}}"), ["1", "2", "10"]);
        assert_eq!(variables("{{}} {{a b}} {{ and {{x}}"), ["x"]);
        assert!(variables("no more").is_empty());
    }

    #[test]
    fn values_stand_where_variables_stood_and_are_not_read_again() {
        let value = |name: &str| match name {
            "1" => Some("{{2}}"),
            "2" => Some("#17"),
            _ => None,
        };
        assert_eq!(fill("Hi {{1}}, order {{ 2 }} {{3}} {{", value), "Hi {{2}}, order #17 {{3}} {{");
    }
}
