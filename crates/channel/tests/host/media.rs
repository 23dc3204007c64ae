use bytes::Bytes;
use futures::{StreamExt, stream};
use weft_channel::{FetchMedia, Keep, Media, TransportError};
use weft_proto::channel::v1::{MediaFetched, inbound, order};

use crate::{
    provider::Answer,
    rig::{Incoming, Rig, message},
};

fn fetch(reference: &str, unique_id: &str) -> order::Order {
    let media = Media {
        reference: reference.to_owned(),
        unique_id: unique_id.to_owned(),
        name: "photo.txt".to_owned(),
        ..Media::default()
    };
    let message = message("");
    order::Order::FetchMedia(FetchMedia {
        message_id: message.message_id,
        index: 3,
        thread_id: "t1".to_owned(),
        media: Some(media),
    })
}

async fn fetched(incoming: &mut Incoming) -> MediaFetched {
    match incoming.next().await.event {
        Some(inbound::Event::MediaFetched(fetched)) => fetched,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_brought_into_the_store_once() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    let content = Bytes::from(vec![b'x'; 700_000]);
    rig.provider.answer("/file/one", [Answer::Bytes(content.clone())]);
    rig.order(fetch("one", "u1")).await;
    let first = fetched(&mut incoming).await;
    let key = format!("{}:u1", rig.channel);
    assert_eq!((first.file_id.as_str(), first.index, first.size), (key.as_str(), 3, 700_000));
    assert_eq!(rig.fleet.files()[&key], content);

    rig.provider.answer("/file/again", [Answer::Bytes(content)]);
    rig.order(fetch("again", "u1")).await;
    assert_eq!(fetched(&mut incoming).await.file_id, key);
    assert_eq!(rig.fleet.files().len(), 1);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_breaks_off_is_asked_for_again_and_never_kept_in_part() {
    let rig = Rig::new().await;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    rig.provider.answer("/file/one", [Answer::Broken, Answer::Bytes("whole".into())]);
    rig.order(fetch("one", "u1")).await;
    assert_eq!(fetched(&mut incoming).await.size, 5);
    assert_eq!(rig.fleet.uploads(), 1);
    let kept: Vec<Vec<u8>> = rig.fleet.files().into_values().collect();
    assert_eq!(kept, [b"whole"]);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_cannot_be_had_is_told_with_the_reason() {
    let mut rig = Rig::new().await;
    rig.config.max_media_bytes = 1000;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    rig.provider.answer("/file/gone", [Answer::Json(404, serde_json::json!({}))]);
    rig.provider.answer("/file/large", [Answer::Bytes(vec![0; 2000].into())]);
    let table = [("gone", "not there any more"), ("large", "too large"), ("panic", "a fault of ours")];
    for (reference, words) in table {
        rig.order(fetch(reference, "")).await;
        let fetched = fetched(&mut incoming).await;
        assert_eq!(fetched.file_id, "");
        assert!(fetched.reason.contains(words), "{}", fetched.reason);
    }
    assert!(rig.fleet.files().is_empty());
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_comes_before_its_message_is_kept_and_found_by_it() {
    let mut rig = Rig::new().await;
    rig.config.max_media_bytes = 1000;
    let running = rig.start().await;
    let mut incoming = rig.incoming().await;
    let channel = rig.channel.to_string();
    let media = Media { unique_id: "u1".to_owned(), name: "photo.txt".to_owned(), ..Media::default() };
    let keep = async |chunks: Vec<Result<Bytes, TransportError>>, most| {
        running
            .host
            .keep_file(&channel, &media, stream::iter(chunks).boxed(), Keep { most, accept: &[] })
            .await
    };
    let broken = || Err(TransportError::Interrupted { why: "it broke off".to_owned() });
    for (chunks, most, reason) in [
        (vec![Ok(Bytes::from(vec![0; 600])); 2], 5000, "file_too_large"),
        (vec![Ok(Bytes::from(vec![0; 600]))], 500, "file_too_large"),
        (vec![Ok("half".into()), broken()], 500, "upload_unreadable"),
    ] {
        assert_eq!(keep(chunks, most).await.unwrap_err().reason(), reason);
    }
    assert!(rig.fleet.files().is_empty());
    let kept = keep(vec![Ok("wh".into()), Ok("ole".into())], 500).await.unwrap();
    assert_eq!(kept.size, 5);
    rig.provider.answer("/file/one", [Answer::Bytes("whole".into())]);
    rig.order(fetch("one", "u1")).await;
    assert_eq!(fetched(&mut incoming).await.file_id, kept.id, "it is the same file");
    let link = running.host.file_link(&channel, &kept.id, "visitor:1").await.unwrap();
    assert_eq!(link, format!("/files/{}", kept.id));
    assert_eq!(
        running.host.file_link(&channel, "file_x", "visitor:1").await.unwrap_err().reason(),
        "not_found"
    );
    running.stop().await;
}
