use chrono::{DateTime, SecondsFormat, Utc};
use clap::Args;
use serde_json::{Map, Value};
use url::form_urlencoded::Serializer;
use uuid::Uuid;
use weft_domain::{TenantId, id};

/// Whose letters.
#[derive(Debug, Args)]
pub(super) struct Whose {
    /// Another tenant's, by its id; for operators
    #[arg(long)]
    tenant: Option<String>,
    /// Those that belong to no tenant; for operators
    #[arg(long, conflicts_with = "tenant")]
    unattributed: bool,
}

/// Which letters.
#[derive(Debug, Args)]
pub(super) struct Filter {
    /// Of whom: a consumer, `channel-…` for webhooks, `outbox-…` for what the bus refused
    #[arg(long)]
    source: Option<String>,
    /// Of this reason, like `attempts_exhausted`
    #[arg(long)]
    reason: Option<String>,
    /// Given up at this moment or later (RFC 3339)
    #[arg(long, value_name = "TIME")]
    since: Option<DateTime<Utc>>,
    /// Given up before this moment (RFC 3339)
    #[arg(long, value_name = "TIME")]
    until: Option<DateTime<Utc>>,
    #[command(flatten)]
    pub(super) whose: Whose,
}

impl Whose {
    fn tenant(&self) -> Option<String> {
        let nobody: TenantId = id::from_uuid(Uuid::nil());
        self.tenant.clone().or_else(|| self.unattributed.then(|| nobody.to_string()))
    }

    /// As a query of its own.
    pub(super) fn query(&self) -> String {
        self.tenant().map(|tenant| format!("?tenant={tenant}")).unwrap_or_default()
    }

    pub(super) fn put_into(&self, body: &mut Map<String, Value>) {
        if let Some(tenant) = self.tenant() {
            body.insert("tenant".to_owned(), tenant.into());
        }
    }
}

impl Filter {
    pub(super) fn is_given(&self) -> bool {
        self.source.is_some() || self.reason.is_some() || self.since.is_some() || self.until.is_some()
    }

    /// The same, but nothing given up after `moment`.
    pub(super) fn fields_until(&self, moment: DateTime<Utc>) -> Map<String, Value> {
        let until = self.until.map_or(moment, |until| until.min(moment));
        let mut body = Map::new();
        for (name, value) in self.fields(Some(until)) {
            body.insert(name.to_owned(), value.into());
        }
        body
    }

    pub(super) fn query(&self, state: Option<&str>, page_size: usize, page_token: &str) -> String {
        let mut query = Serializer::new(String::new());
        query.append_pair("page_size", &page_size.to_string());
        query.append_pair("page_token", page_token);
        query.extend_pairs(state.map(|state| ("state", state)));
        query.extend_pairs(self.fields(self.until));
        query.finish()
    }

    /// Words for the question whether one is sure.
    pub(super) fn words(&self) -> String {
        let words: Vec<String> =
            self.fields(self.until).into_iter().map(|(name, value)| format!("{name} {value}")).collect();
        if words.is_empty() { "of any reason".to_owned() } else { format!("with {}", words.join(", ")) }
    }

    fn fields(&self, until: Option<DateTime<Utc>>) -> Vec<(&'static str, String)> {
        let time = |time: DateTime<Utc>| time.to_rfc3339_opts(SecondsFormat::Micros, true);
        let fields = [
            ("source", self.source.clone()),
            ("reason", self.reason.clone()),
            ("since", self.since.map(time)),
            ("until", until.map(time)),
            ("tenant", self.whose.tenant()),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}
