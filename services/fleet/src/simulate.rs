//! How simulators are run.

use std::{fs, path::Path};

use anyhow::{Context as _, bail};
use weft_channel::{Simulation, SimulationOptions, script::Script};
use weft_domain::Result;

use crate::roster;

/// Makes the simulator of a provider.
pub type Start = fn(SimulationOptions) -> Result<Simulation>;

const SHOP: &str = include_str!("../../../deploy/demo/shop.yaml");

/// What customers say: as the file tells, or those of a little shop.
pub fn script(file: Option<&Path>) -> anyhow::Result<Script> {
    let Some(file) = file else { return read(SHOP).context("the script of the shop") };
    let text = fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    read(&text).with_context(|| format!("{} is no script", file.display()))
}

fn read(text: &str) -> anyhow::Result<Script> {
    let script: Script = serde_saphyr::from_str(text)?;
    let kinds: Vec<_> =
        roster::ENTRIES.iter().filter_map(|entry| entry.name.strip_prefix("channel-")).collect();
    for person in &script.people {
        if let Some(kind) = person.channels.iter().find(|kind| !kinds.contains(&kind.as_str())) {
            let (name, kinds) = (&person.name, kinds.join(", "));
            bail!("{name} is on `{kind}`, and there is no such kind of channel; there are {kinds}");
        }
    }
    Ok(script)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_every_script_of_the_demo_somebody_is_on_each_channel_that_can_be_played() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/demo");
        let files = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let scripts: Vec<_> = files.filter(|file| file.extension().is_some_and(|it| it == "yaml")).collect();
        assert!(scripts.len() >= 3);
        for file in scripts {
            let script = script(Some(&file)).unwrap();
            let played = roster::ENTRIES.iter().filter(|entry| entry.simulator.is_some());
            for kind in played.filter_map(|entry| entry.name.strip_prefix("channel-")) {
                assert!(script.people_on(kind).next().is_some(), "{kind} in {}", file.display());
            }
        }
        assert!(script(None).is_ok());
    }

    #[test]
    fn a_wrong_script_is_refused_with_its_file_the_line_and_what_would_be_right() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("wrong.yaml");
        let refused = |text: &str| {
            fs::write(&file, text).unwrap();
            format!("{:#}", script(Some(&file)).unwrap_err())
        };
        let misspelt = refused("people:\n  - name: Ada\n    lines:\n      - say: Hello\n");
        let told = ["wrong.yaml", "line 4", "says"].map(|part| misspelt.contains(part));
        assert_eq!(told, [true; 3], "{misspelt}");
        let nowhere = refused("people: [{name: Ada, channels: [pigeon], lines: [starts]}]");
        assert!(nowhere.contains("Ada is on `pigeon`") && nowhere.contains("webchat"), "{nowhere}");
        let missing = script(Some(&folder.path().join("none.yaml"))).unwrap_err();
        assert!(missing.to_string().contains("cannot read"));
    }
}
