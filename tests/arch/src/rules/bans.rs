use crate::{Source, Tree, Violation, tree::is_under};

/// Words in a row that the house does without, and what it does instead.
struct Ban {
    words: &'static [&'static str],
    /// Whether tests may.
    tests_may: bool,
    /// The one folder that may.
    home: &'static str,
    instead: &'static str,
}

const TRACK: &str = "write it, or open an issue and leave it out";
const EXPECT: &str = "use `#[expect(…, reason = \"…\")]`, which says when it is no longer needed";
const BOUND: &str = "use a bounded channel: what cannot be taken has to slow its sender down";
const CONFIG: &str =
    "make it a setting: `weft-config` reads the environment, so that `weft config` can show it";

const fn everywhere(words: &'static [&'static str], instead: &'static str) -> Ban {
    Ban { words, tests_may: false, home: "", instead }
}
const fn in_production(words: &'static [&'static str], instead: &'static str) -> Ban {
    Ban { words, tests_may: true, home: "", instead }
}
const fn in_config_only(words: &'static [&'static str]) -> Ban {
    Ban { words, tests_may: true, home: "crates/config", instead: CONFIG }
}

const BANS: [Ban; 13] = [
    everywhere(&["#", "[", "allow", "("], EXPECT),
    everywhere(&["#", "!", "[", "allow", "("], EXPECT),
    everywhere(&["todo", "!"], TRACK),
    everywhere(&["unimplemented", "!"], TRACK),
    in_production(&["unbounded_channel"], BOUND),
    in_production(&["UnboundedSender"], BOUND),
    in_production(&[":", ":", "unbounded"], BOUND),
    in_config_only(&["env", ":", ":", "var"]),
    in_config_only(&["env", ":", ":", "var_os"]),
    in_config_only(&["env", ":", ":", "vars"]),
    in_config_only(&["env", ":", ":", "vars_os"]),
    in_config_only(&["env", ":", ":", "{"]),
    in_config_only(&["env", ":", ":", "set_var"]),
];

/// No code is left open, silenced, unbounded, or reads the environment past the settings.
pub fn forbidden_code(tree: &Tree) -> Vec<Violation> {
    let mut found = look(tree.files(&["rs"]), |ban| !ban.tests_may, Source::find_anywhere);
    found.extend(look(tree.production(), |ban| ban.tests_may, Source::find));
    found
}

fn look<'a>(
    files: impl Iterator<Item = (&'a str, &'a str)>,
    which: impl Fn(&Ban) -> bool,
    find: impl Fn(&Source, &[&str]) -> Vec<usize>,
) -> Vec<Violation> {
    let mut found = Vec::new();
    for (path, text) in files {
        let is_home = |ban: &Ban| !ban.home.is_empty() && is_under(path, ban.home);
        // Parsing is what takes time, so first see whether there is anything to find.
        let possible = |ban: &Ban| ban.words.iter().all(|word| text.contains(word));
        let bans: Vec<&Ban> =
            BANS.iter().filter(|ban| which(ban) && !is_home(ban) && possible(ban)).collect();
        if bans.is_empty() {
            continue;
        }
        let source = Source::read(text);
        for ban in bans {
            let what = format!("`{}` is not used here", ban.words.concat());
            let lines = find(&source, ban.words).into_iter();
            found.extend(lines.map(|line| Violation::new(path, line, &what, ban.instead)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::broken;

    const MANIFEST: (&str, &str) =
        ("crates/a/Cargo.toml", "[package]\nname = \"x\"\nmetadata.weft.floor = 3\n");

    #[test]
    fn each_ban_is_found_in_code_and_nowhere_else() {
        let cases = [
            ("#[allow(dead_code)]\nfn a() {}", false),
            ("#![allow(dead_code)]", false),
            ("fn a() { todo!() }", false),
            ("fn a() { unimplemented!() }", false),
            ("use tokio::sync::mpsc::unbounded_channel;", true),
            ("struct A(mpsc::UnboundedSender<u8>);", true),
            ("fn a() { mpsc::unbounded() }", true),
            ("fn a() { std::env::var(\"A\") }", true),
            ("fn a() { std::env::var_os(\"A\") }", true),
            ("fn a() { std::env::vars() }", true),
            ("fn a() { env::vars_os() }", true),
            ("use std::env::{var};", true),
            ("fn a() { env::set_var(\"A\", \"b\") }", true),
        ];
        for (code, tests_may) in cases {
            let quoted = format!("// {code}\nconst A: &str = {code:?};");
            let test = format!("#[cfg(test)]\nmod tests {{\n{}\n}}", code.replace("#!", "#"));
            let files = [MANIFEST, ("crates/a/src/a.rs", code), ("crates/a/src/quoted.rs", &quoted)];
            assert_eq!(broken(forbidden_code, &files), [("crates/a/src/a.rs".to_owned(), 1)], "{code}");
            let in_test = broken(forbidden_code, &[MANIFEST, ("crates/a/src/b.rs", &test)]);
            assert_eq!(in_test.is_empty(), tests_may, "{code}");
            let elsewhere = broken(forbidden_code, &[MANIFEST, ("crates/a/tests/b.rs", code)]);
            assert_eq!(elsewhere.is_empty(), tests_may, "{code}");
        }
        let config = ("crates/config/Cargo.toml", MANIFEST.1);
        let reads = ("crates/config/src/a.rs", "fn a() { std::env::vars() }");
        assert_eq!(broken(forbidden_code, &[config, reads]), []);
    }

    #[test]
    fn a_test_in_a_file_of_its_own_is_not_production() {
        let files = [
            MANIFEST,
            ("crates/a/src/b.rs", "#[cfg(test)]\nmod rig;"),
            ("crates/a/src/b/rig.rs", "use tokio::sync::mpsc::unbounded_channel;"),
            ("crates/a/src/b/rigour.rs", "use tokio::sync::mpsc::unbounded_channel;"),
        ];
        assert_eq!(broken(forbidden_code, &files), [("crates/a/src/b/rigour.rs".to_owned(), 1)]);
    }
}
