use std::{collections::BTreeMap, path::PathBuf};

use anyhow::{Context, Result};
use weft_fleet::roster;

use crate::{UNTHROTTLED, Weft};

/// How a cluster is made.
#[derive(Clone, Debug)]
pub struct ClusterOptions {
    /// Where data and logs are kept; none: in a temporary folder.
    pub folder: Option<PathBuf>,
    /// The binary `weft`.
    pub binary: PathBuf,
    /// How many replicas of each service; of one that is not named there is one.
    pub replicas: BTreeMap<String, usize>,
    /// Variables of all processes, besides those that say where things are.
    pub variables: Vec<(String, String)>,
    /// The port before the gateways; none: a free one.
    pub gateway_port: Option<u16>,
    /// How many servers the bus has.
    pub brokers: usize,
    /// Whether broker and database have a disk of their own each.
    pub disks: bool,
    /// Whether services reach the servers over links that can be cut.
    pub links: bool,
}

impl ClusterOptions {
    /// Two replicas of what people wait for, in a temporary folder, with the binary beside this one.
    pub fn usual() -> Self {
        let twice = ["conversation", "gateway", "channel-telegram"];
        Self {
            folder: None,
            binary: Weft::path(),
            replicas: twice.map(|name| (name.to_owned(), 2)).into(),
            variables: vec![("WEFT_HTTP__ALLOW_PRIVATE".to_owned(), "true".to_owned())],
            gateway_port: None,
            brokers: 1,
            disks: false,
            links: false,
        }
    }

    /// Sets a variable of all processes.
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Holds nobody back.
    pub fn unthrottled(self) -> Self {
        UNTHROTTLED.iter().fold(self, |options, (name, value)| options.with(name, value))
    }

    /// Changes numbers of replicas: `conversation=4,gateway=1`.
    pub fn with_replicas(mut self, text: &str) -> Result<Self> {
        for pair in text.split(',').map(str::trim).filter(|pair| !pair.is_empty()) {
            let wrong = || format!("`{pair}` must be like conversation=4");
            let (name, number) = pair.split_once('=').with_context(wrong)?;
            let entry = roster::find(name.trim())?;
            self.replicas.insert(entry.name.to_owned(), number.trim().parse().with_context(wrong)?);
        }
        Ok(self)
    }

    pub(super) fn replicas_of(&self, service: &str) -> usize {
        self.replicas.get(service).copied().unwrap_or(1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_replicas_are_read_and_faults_are_named() {
        let options = || ClusterOptions { binary: PathBuf::new(), ..ClusterOptions::usual() };
        let changed = options().with_replicas("conversation=4, gateway=1,").unwrap();
        let numbers =
            ["conversation", "gateway", "channel-telegram", "media"].map(|name| changed.replicas_of(name));
        assert_eq!(numbers, [4, 1, 2, 1]);
        for (wrong, named) in
            [("conversation", "conversation"), ("media=x", "media=x"), ("nobody=1", "nobody")]
        {
            let error = options().with_replicas(wrong).unwrap_err().to_string();
            assert!(error.contains(named), "{error}");
        }
    }
}
