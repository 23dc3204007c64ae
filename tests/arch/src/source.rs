use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// One word or sign of a source; comments are gone, and brackets stand as their two signs.
#[derive(Clone, Debug)]
struct Word {
    text: String,
    line: usize,
}

/// A Rust file as a row of words, so that comments, strings and line breaks hide nothing and pretend nothing.
#[derive(Debug)]
pub struct Source {
    words: Vec<Word>,
    /// What only tests compile in this file.
    tests: Vec<Word>,
    test_modules: Vec<String>,
}

/// A call of a function of a type: its words up to the opening bracket, and its arguments.
#[derive(Debug)]
pub(crate) struct Call {
    /// The function.
    pub(crate) function: String,
    /// The words of each argument.
    pub(crate) arguments: Vec<Vec<String>>,
    /// The word before the type, if it is a path's.
    pub(crate) within: Option<String>,
    /// Where it stands.
    pub(crate) line: usize,
}

impl Source {
    /// Reads a file. What does not parse has no words: the compiler says so better.
    pub fn read(text: &str) -> Self {
        let mut words = Vec::new();
        if let Ok(stream) = text.parse() {
            flatten(stream, &mut words);
        }
        split_tests(words)
    }

    /// The lines where production code has these words in a row.
    pub fn find(&self, wanted: &[&str]) -> Vec<usize> {
        find(&self.words, wanted)
    }

    /// The lines where these words stand in a row, in production code or in tests.
    pub fn find_anywhere(&self, wanted: &[&str]) -> Vec<usize> {
        let mut lines = find(&self.words, wanted);
        lines.extend(find(&self.tests, wanted));
        lines
    }

    /// The modules in files of their own that only tests compile.
    pub fn test_modules(&self) -> Vec<String> {
        self.test_modules.clone()
    }

    /// The uses `name!(…)` of a macro in production code; `function` is its name.
    pub(crate) fn macros(&self, name: &str) -> Vec<Call> {
        let mut uses = Vec::new();
        for (at, window) in self.words.windows(3).enumerate() {
            let [macro_name, sign, open] = window else { continue };
            if macro_name.text == name && sign.text == "!" && open.text == "(" {
                let arguments = arguments(self.words.get(at + 3..).unwrap_or_default());
                uses.push(Call { function: name.to_owned(), arguments, within: None, line: macro_name.line });
            }
        }
        uses
    }

    /// The calls `owner::function(…)` in production code.
    pub(crate) fn calls(&self, owner: &str) -> Vec<Call> {
        let mut calls = Vec::new();
        for (at, window) in self.words.windows(5).enumerate() {
            let [of, first, second, function, open] = window else { continue };
            if of.text != owner || first.text != ":" || second.text != ":" || open.text != "(" {
                continue;
            }
            calls.push(Call {
                function: function.text.clone(),
                arguments: arguments(self.words.get(at + 5..).unwrap_or_default()),
                within: path_before(self.words.get(..at).unwrap_or_default()),
                line: function.line,
            });
        }
        calls
    }
}

fn flatten(stream: TokenStream, words: &mut Vec<Word>) {
    for token in stream {
        let line = token.span().start().line;
        let TokenTree::Group(group) = token else {
            words.push(Word { text: token.to_string(), line });
            continue;
        };
        let (open, close) = match group.delimiter() {
            Delimiter::Parenthesis => ("(", ")"),
            Delimiter::Brace => ("{", "}"),
            Delimiter::Bracket => ("[", "]"),
            Delimiter::None => ("", ""),
        };
        words.push(Word { text: open.to_owned(), line });
        flatten(group.stream(), words);
        words.push(Word { text: close.to_owned(), line: group.span_close().start().line });
    }
}

/// Parts what is under `#[cfg(test)]` from the rest.
fn split_tests(words: Vec<Word>) -> Source {
    let mut source = Source { words: Vec::new(), tests: Vec::new(), test_modules: Vec::new() };
    if !find(&words, &["#", "!", "[", "cfg", "(", "test", ")"]).is_empty() {
        source.tests = words;
        return source;
    }
    let mut rest = words.as_slice();
    while let [first, after @ ..] = rest {
        if !starts_with(rest, &["#", "[", "cfg", "(", "test", ")", "]"]) {
            source.words.push(first.clone());
            rest = after;
            continue;
        }
        let (item, others) = rest.split_at(length_of_item(rest));
        source.test_modules.extend(module_elsewhere(item));
        source.tests.extend_from_slice(item);
        rest = others;
    }
    source
}

/// How many words the item takes: to its `;` or the end of its first braces, attributes not counted.
fn length_of_item(words: &[Word]) -> usize {
    let mut depth = 0_usize;
    for (at, word) in words.iter().enumerate() {
        match word.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" => depth = depth.saturating_sub(1),
            "}" if depth == 1 => return at + 1,
            "}" => depth = depth.saturating_sub(1),
            ";" if depth == 0 => return at + 1,
            _ => {}
        }
    }
    words.len()
}

fn module_elsewhere(item: &[Word]) -> Option<String> {
    let [.., module, name, end] = item else { return None };
    (module.text == "mod" && end.text == ";").then(|| name.text.clone())
}

fn find(words: &[Word], wanted: &[&str]) -> Vec<usize> {
    let windows = words.windows(wanted.len().max(1));
    windows
        .filter(|window| starts_with(window, wanted))
        .filter_map(|window| window.first())
        .map(|word| word.line)
        .collect()
}

fn starts_with(words: &[Word], wanted: &[&str]) -> bool {
    words.len() >= wanted.len() && words.iter().zip(wanted).all(|(word, text)| word.text == *text)
}

fn arguments(after_open: &[Word]) -> Vec<Vec<String>> {
    let mut all = vec![Vec::new()];
    let mut depth = 0_usize;
    for word in after_open {
        match word.text.as_str() {
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" if depth == 0 => break,
            ")" | "]" | "}" => depth -= 1,
            "," if depth == 0 => {
                all.push(Vec::new());
                continue;
            }
            _ => {}
        }
        if let Some(last) = all.last_mut() {
            last.push(word.text.clone());
        }
    }
    all.retain(|argument| !argument.is_empty());
    all
}

fn path_before(words: &[Word]) -> Option<String> {
    let [.., within, first, second] = words else { return None };
    (first.text == ":" && second.text == ":").then(|| within.text.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_strings_are_not_code_and_test_items_are_not_production() {
        let source = Source::read(
            "/// todo!()\nfn a() { let _ = \"todo!\"; } // todo!\n#[cfg(test)]\n#[path = \"x\"]\nmod tests {\n \
             fn b() { todo!() }\n}\n#[cfg(test)]\nmod rig;\nfn c() {\n todo!() }\n",
        );
        assert_eq!(source.find(&["todo", "!"]), [11]);
        assert_eq!(source.find_anywhere(&["todo", "!"]), [11, 6]);
        assert_eq!(source.test_modules(), ["rig"]);
    }

    #[test]
    fn a_call_is_found_with_its_arguments_however_it_is_laid_out() {
        let source = Source::read("fn a() { x::Error::new(\n  Code::A,\n  \"b\", f(1, 2),\n ) }");
        let calls = source.calls("Error");
        let [call] = calls.as_slice() else { panic!("there is one call") };
        assert_eq!((call.function.as_str(), call.within.as_deref(), call.line), ("new", Some("x"), 1));
        assert_eq!(call.arguments.len(), 3);
        assert_eq!(call.arguments[1], ["\"b\""]);
    }
}
