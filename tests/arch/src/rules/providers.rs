use crate::{Tree, Violation, tree::is_under};

/// Parts of an adapter's folder name that are ordinary words, or ours: the rest is a provider's name.
const ORDINARY: [&str; 8] = ["echo", "webchat", "email", "line", "messenger", "sms", "teams", "voice"];

/// Where a provider may be named outside its own folder, and why.
const PLACES: [(&str, &str); 11] = [
    ("Cargo.toml", "lists the workspace's own packages"),
    ("services/fleet/Cargo.toml", "the one package that links all services"),
    ("services/fleet/src/roster.rs", "the one table of services"),
    ("services/fleet/src/cli.rs", "examples in the help people read"),
    ("services/fleet/src/cli", "examples in the help people read"),
    ("services/channel-sms-twilio", "its provider also carries the messages of another"),
    ("services/channel-voice-twilio", "its provider has another channel, too"),
    ("crates/twilio", "what the channels of one provider share"),
    ("docs", "documentation"),
    ("deploy", "deployment"),
    ("tests", "fleet tests drive a provider's simulator"),
];

/// The providers' names, as the folders of the adapters say.
pub fn providers(tree: &Tree) -> Vec<(String, String)> {
    let folders = tree.packages().iter().map(|package| package.folder.as_str());
    let adapters = folders.filter_map(|folder| Some((folder, folder.strip_prefix("services/channel-")?)));
    adapters
        .flat_map(|(folder, name)| name.split('-').map(move |part| (part.to_owned(), folder.to_owned())))
        .filter(|(part, _)| !ORDINARY.contains(&part.as_str()))
        .collect()
}

/// Only an adapter's own folder names its provider.
pub fn provider_names(tree: &Tree) -> Vec<Violation> {
    let mut found = Vec::new();
    let providers = providers(tree);
    for (path, text) in tree.files(&["rs", "proto", "toml"]) {
        if PLACES.iter().any(|(place, _why)| is_under(path, place)) {
            continue;
        }
        let lower = text.to_lowercase();
        for (name, folder) in providers.iter().filter(|(name, _)| lower.contains(name)) {
            if is_under(path, folder) {
                continue;
            }
            let lines = lower.lines().enumerate().filter(|(_, line)| line.contains(name));
            let what = format!("the provider `{name}` is named outside its folder");
            let remedy = format!("move what is special about it into `{folder}`; an example may name `echo`");
            found.extend(lines.map(|(at, _)| Violation::new(path, at + 1, &what, &remedy)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::broken;

    const MANIFEST: &str = "[package]\nname = \"x\"\n";

    #[test]
    fn a_provider_named_outside_its_folder_is_found() {
        let files = [
            ("services/channel-sms-acme/Cargo.toml", MANIFEST),
            ("services/channel-sms-acme/src/lib.rs", "struct Acme;"),
            ("services/channel-echo/Cargo.toml", MANIFEST),
            ("services/fleet/src/roster.rs", "acme"),
            ("services/fleet/src/cli/run.rs", "acme"),
            ("crates/bus/src/lib.rs", "// echo, sms\n\n// like ACME does"),
            ("proto/a.proto", "// acme"),
        ];
        let expected = [("crates/bus/src/lib.rs".to_owned(), 3), ("proto/a.proto".to_owned(), 1)];
        assert_eq!(broken(provider_names, &files), expected);
    }
}
