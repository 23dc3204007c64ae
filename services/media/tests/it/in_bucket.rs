use rstest::rstest;
use weft_media::Storage;

use crate::{
    bucket::Bucket,
    rig::{Engine, Rig, bytes_of, get},
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn files_may_lie_in_a_bucket_instead() {
    let bucket = Bucket::start().await;
    let rig = Rig::configured(Engine::Sqlite, |config| {
        config.storage = Storage::S3;
        config.s3 = bucket.settings();
        config.max_file_bytes = 20 << 20;
    })
    .await;
    let agent = rig.agent();
    let content: Vec<u8> = (0..5_000_000_u32).flat_map(u32::to_le_bytes).collect();
    let file = rig.upload(&agent, "a.bin", "", &content).await["id"].as_str().unwrap().to_owned();
    let (twin, small) =
        (rig.upload(&agent, "b.bin", "", &content).await, rig.upload(&agent, "c", "", b"c").await);
    let uuid: weft_domain::id::FileId = weft_domain::id::parse("id", &file).unwrap();
    let mut keys = bucket.keys();
    assert!(keys.contains(&format!("{}/{}", agent.tenant.uuid(), uuid.uuid())), "{keys:?}");
    assert_eq!(keys.len(), 2);
    assert!(rig.on_disk().is_empty());

    let link = rig.get_file(&agent, &file).await.unwrap().url.unwrap();
    assert_eq!(bytes_of(rig.call(get(&link)).await).await, content);
    let mut part = get(&link);
    part.headers_mut().insert("range", "bytes=9000000-9000099".parse().unwrap());
    assert_eq!(bytes_of(rig.call(part).await).await, content[9_000_000..9_000_100]);

    rig.delete_file(&agent, &file).await.unwrap();
    assert_eq!(bucket.keys(), keys, "its twin needs the bytes");
    rig.delete_file(&agent, twin["id"].as_str().unwrap()).await.unwrap();
    keys.retain(|key| !key.ends_with(&uuid.uuid().to_string()));
    assert_eq!(bucket.keys(), keys);
    rig.delete_file(&agent, small["id"].as_str().unwrap()).await.unwrap();
    assert!(bucket.keys().is_empty());
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_a_crash_left_in_the_bucket_is_removed() {
    let bucket = Bucket::start().await;
    let (tenant, orphan) = (uuid::Uuid::now_v7(), uuid::Uuid::now_v7());
    bucket.put(&format!("{tenant}/{orphan}"));
    bucket.put("somebody/elses");
    let _rig = Rig::configured(Engine::Sqlite, |config| {
        config.storage = Storage::S3;
        config.s3 = bucket.settings();
    })
    .await;
    let tidy = async || (bucket.keys() == ["somebody/elses"]).then_some(());
    weft_testkit::eventually("the leftover is gone", std::time::Duration::from_secs(10), tidy).await;
}
