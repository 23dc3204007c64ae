use std::{collections::BTreeMap, time::Duration};

use chrono::{DateTime, Utc};
use serde::Deserialize;
use weft_bus::OutsideReader;
use weft_config::Loader;
use weft_domain::id::{self, Tenant};

/// A program outside that reads events.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Reader {
    /// Whose events; none: everybody's.
    #[serde(deserialize_with = "weft_config::optional")]
    pub tenant: Option<String>,
    /// Where it begins; none: with the oldest event there is.
    #[serde(deserialize_with = "weft_config::optional")]
    pub since: Option<DateTime<Utc>>,
    /// After so many seconds without acknowledgement an event is given again; none: the usual.
    #[serde(deserialize_with = "weft_config::optional")]
    pub ack_wait_secs: Option<u64>,
}

impl Reader {
    /// The reader as the bus knows it.
    pub(crate) fn of_bus(&self, name: &str) -> OutsideReader {
        let tenant = self.tenant.as_deref().unwrap_or("*");
        OutsideReader {
            name: name.to_owned(),
            filters: vec![format!("weft.events.{tenant}.*.*")],
            since: self.since,
            ack_wait: self.ack_wait_secs.map_or(OutsideReader::ACK_WAIT, Duration::from_secs),
        }
    }
}

pub(super) fn check(readers: &BTreeMap<String, Reader>, loader: &mut Loader) {
    for (name, reader) in readers {
        if let Err(error) = reader.of_bus(name).check() {
            loader.fault(&format!("readers.{name}"), error.message());
        }
        if reader.tenant.as_ref().is_some_and(|tenant| id::parse::<Tenant>("tenant", tenant).is_err()) {
            loader.fault(&format!("readers.{name}.tenant"), "must be a tenant's id");
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Settings;

    #[test]
    fn a_reader_is_read_from_a_file_or_a_variable_and_its_faults_are_named() {
        let text =
            "[readers.crm]\ntenant = \"tenant_01h455vb4pex5vsknk084sn02q\"\nsince = \"2026-01-31T08:00:00Z\"";
        let variable = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let settings = Settings::from_parts(text, vec![variable("WEFT_READERS__BI__TENANT", "")]).unwrap();
        let filters = settings.readers.iter().map(|(name, reader)| reader.of_bus(name).filters.concat());
        assert_eq!(
            filters.collect::<Vec<_>>(),
            ["weft.events.*.*.*", "weft.events.tenant_01h455vb4pex5vsknk084sn02q.*.*"]
        );
        let faults = |variables| {
            let faults = Settings::from_parts("", variables).unwrap_err();
            let mut keys: Vec<_> = faults.0.into_iter().map(|fault| fault.key).collect();
            keys.sort_unstable();
            keys
        };
        assert_eq!(faults(vec![variable("WEFT_READERS__BI__SINCE", "yesterday")]), ["readers.bi.since"]);
        let wrong = vec![
            variable("WEFT_READERS__CRM__TENANT", "user_01h455vb4pex5vsknk084sn02q"),
            variable("WEFT_READERS__A.B__TENANT", ""),
        ];
        assert_eq!(faults(wrong), ["readers.a.b", "readers.crm.tenant"]);
    }
}
