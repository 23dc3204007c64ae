use async_nats::jetstream::{
    Context,
    consumer::{AckPolicy, DeliverPolicy, pull},
};
use futures::TryStreamExt;
use weft_domain::{Error, Result};

use crate::{OutsideReader, Stream};

/// Makes the consumers of readers outside, and removes those of readers that are no more.
pub(crate) async fn migrate(context: &Context, readers: &[OutsideReader]) -> Result<()> {
    let stream = context.get_stream_no_info(Stream::Events.name()).await.map_err(failed)?;
    let names: Vec<String> = stream.consumer_names().try_collect().await.map_err(failed)?;
    for name in names.iter().filter(|name| name.starts_with(OutsideReader::PREFIX)) {
        let reader = readers.iter().find(|reader| reader.consumer() == *name);
        let stays = match reader {
            // The server changes no consumer's beginning.
            Some(reader) => {
                let info = stream.consumer_info(name).await.map_err(failed)?;
                info.config.deliver_policy == config(reader).deliver_policy
            }
            None => false,
        };
        if !stays {
            stream.delete_consumer(name).await.map_err(failed)?;
        }
    }
    for reader in readers {
        stream.create_consumer(config(reader)).await.map_err(failed)?;
    }
    Ok(())
}

fn config(reader: &OutsideReader) -> pull::Config {
    pull::Config {
        durable_name: Some(reader.consumer()),
        filter_subjects: reader.filters.clone(),
        ack_policy: AckPolicy::Explicit,
        ack_wait: reader.ack_wait,
        deliver_policy: reader
            .since
            .map_or(DeliverPolicy::All, |start_time| DeliverPolicy::ByStartTime { start_time }),
        max_ack_pending: i64::try_from(OutsideReader::MAX_ACK_PENDING).unwrap_or(i64::MAX),
        ..pull::Config::default()
    }
}

fn failed(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::unavailable("bus_migration_failed").with_source(error)
}
