use async_nats::jetstream::{
    Context,
    consumer::{AckPolicy, DeliverPolicy, PriorityPolicy, pull},
    stream::{ConsumerError, ConsumerErrorKind},
};
use futures::TryStreamExt;
use weft_domain::{Error, Result};

use super::{source, streams};
use crate::{ConsumerSpec, Settings};

/// `JSConsumerWQConsumerNotUniqueErr`.
const NOT_UNIQUE: u64 = 10_100;

/// Creates or updates the streams and the consumers.
pub(crate) async fn migrate(context: &Context, settings: &Settings, specs: &[ConsumerSpec]) -> Result<()> {
    for config in streams::all(settings) {
        context.create_or_update_stream(config).await.map_err(failed)?;
    }
    for spec in specs {
        let stream = context.get_stream_no_info(spec.stream.name()).await.map_err(failed)?;
        let parts = spec.split();
        // Another number of shards: what was out comes again to the new parts, which are built for it.
        let mut names = stream.consumer_names();
        while let Some(name) = names.try_next().await.map_err(failed)? {
            if spec.is_family(&name) && !parts.iter().any(|part| part.name == name) {
                stream.delete_consumer(&name).await.map_err(failed)?;
            }
        }
        for part in &parts {
            stream.create_consumer(config(part)).await.map_err(|error| refused(part, error))?;
        }
    }
    Ok(())
}

fn config(spec: &ConsumerSpec) -> pull::Config {
    pull::Config {
        durable_name: Some(spec.name.clone()),
        filter_subjects: spec.filters.clone(),
        ack_policy: AckPolicy::Explicit,
        ack_wait: spec.ack_wait,
        deliver_policy: DeliverPolicy::All,
        // A net far below the policy, which is ours: the server only stops delivering, without a word to anybody.
        max_deliver: i64::from(spec.max_attempts).saturating_mul(2).saturating_add(50),
        max_ack_pending: i64::try_from(spec.capacity()).unwrap_or(i64::MAX),
        priority_policy: PriorityPolicy::PinnedClient,
        priority_groups: vec![source::GROUP.to_owned()],
        priority_timeout: source::PIN,
        ..pull::Config::default()
    }
}

/// Checks that the streams are as they have to be.
pub(crate) async fn check(context: &Context, settings: &Settings) -> Result<()> {
    for wanted in streams::all(settings) {
        let stream = context.get_stream(&wanted.name).await.map_err(|error| {
            let words = format!("the bus has no stream `{}`; run `weft migrate`", wanted.name);
            Error::precondition("stream_missing", words).with_source(error)
        })?;
        if let Some(fault) = streams::fault(&wanted, &stream.cached_info().config) {
            let words = format!("the stream `{}` {fault}; run `weft migrate`", wanted.name);
            return Err(Error::precondition("stream_misconfigured", words));
        }
    }
    Ok(())
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unavailable("bus_migration_failed").with_source(error)
}

fn refused(spec: &ConsumerSpec, error: ConsumerError) -> Error {
    match error.kind() {
        ConsumerErrorKind::JetStream(reason) if reason.error_code().0 == NOT_UNIQUE => {
            crate::spec::competing(&spec.name, "another")
        }
        _ => failed(error),
    }
}
