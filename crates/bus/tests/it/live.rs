use bytes::Bytes;
use rstest::rstest;
use tokio::time::timeout;

use crate::rig::{Kind, PATIENCE, Rig};

#[rstest]
#[case::embedded(Kind::Embedded)]
#[case::jetstream(Kind::JetStream)]
#[tokio::test]
async fn whoever_listens_hears_what_fits(#[case] kind: Kind) {
    let rig = Rig::new(kind).await;
    let mut live = rig.bus.subscribe_live("weft.live.t1.>").await.unwrap();
    rig.bus.publish_live("weft.live.t2.typing", Bytes::from("no")).await.unwrap();
    rig.bus.publish_live("weft.live.t1.typing.x", Bytes::from("yes")).await.unwrap();
    let heard = timeout(PATIENCE, live.next()).await.unwrap().unwrap();
    assert_eq!(heard, ("weft.live.t1.typing.x".to_owned(), Bytes::from("yes")));
    assert!(rig.bus.publish_live("weft.in.7.x", Bytes::new()).await.is_err());
    rig.bus.close().await;
    assert!(timeout(PATIENCE, live.next()).await.unwrap().is_none());
    assert!(!rig.bus.healthy().await);
}
