use std::fs;

use weft_fleet::{channels, roster};
use weft_tests_deployment::root;

#[test]
fn the_table_of_channels_says_what_the_adapters_say() {
    let table = channels::table(&root().join("services")).unwrap();
    let committed = fs::read_to_string(root().join("docs/channels/README.md")).unwrap();
    assert!(
        committed == table,
        "docs/channels/README.md differs: run `weft emit channels --out docs/channels`"
    );
}

#[test]
fn every_channel_has_a_page_on_how_to_set_it_up() {
    for entry in roster::ENTRIES.iter().filter(|entry| entry.name != "channel-echo") {
        let Some(descriptor) = entry.descriptor else { continue };
        let kind = descriptor().kind;
        let page = format!("docs/channels/{kind}.md");
        let text = fs::read_to_string(root().join(&page)).unwrap_or_default();
        let command = format!("weft channel add {kind}");
        assert!(text.contains(&command), "{page} says how to set the channel up, with `{command}`");
    }
}

#[test]
fn every_adapter_describes_itself_under_its_own_name() {
    for entry in roster::ENTRIES {
        let described = entry.descriptor.map(|descriptor| format!("channel-{}", descriptor().kind));
        let is_adapter = entry.name.starts_with("channel-");
        assert_eq!(described.as_deref(), is_adapter.then_some(entry.name));
    }
}
