use rstest::rstest;
use tonic::Code;
use weft_proto::analytics::v1::{GetOverviewRequest, analytics_client::AnalyticsClient, rebuild::State};

use crate::{
    rig::{Engine, Rig, around_noon},
    story::{agent, busy_day, channel_id, person},
};

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_tenant_sees_nothing_of_another(#[values(Engine::Embedded, Engine::Real)] engine: Engine) {
    let rig = Rig::new(engine).await;
    let replica = rig.start().await;
    let (ours, theirs) = (rig.tenant(&replica), rig.tenant(&replica));
    let (channel, ann) = (channel_id(), agent());
    let stories = busy_day(theirs.id, std::slice::from_ref(&channel), std::slice::from_ref(&ann));
    let mut events: Vec<_> = stories.into_iter().flat_map(|story| story.events).collect();
    events.push(person(theirs.id, &ann, "Ann", 0));
    theirs.count(events).await;
    ours.count(Vec::new()).await;
    assert!(theirs.total().await.messages_in > 0);

    let empty = ours.overview().await;
    assert_eq!(empty.live, Some(Default::default()));
    assert!(empty.by_channel.is_empty() && empty.by_agent.is_empty());
    assert_eq!(empty.total.unwrap().conversations_new, 0);
    for request in [
        GetOverviewRequest { channel: Some(channel), ..around_noon() },
        GetOverviewRequest { agent: Some(ann), ..around_noon() },
    ] {
        let found = ours.overview_of(request).await.unwrap();
        assert_eq!(found.total.unwrap().messages_in, 0);
        assert!(found.by_channel.is_empty() && found.by_agent.is_empty());
    }

    let before = theirs.rows().await;
    ours.rebuild(false).await;
    assert_eq!(theirs.last_rebuild().await.state(), State::None, "another tenant's rebuild is not seen");
    assert_eq!(theirs.rows().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_not_signed_in_sees_nothing() {
    let rig = Rig::new(Engine::Embedded).await;
    let replica = rig.start().await;
    let tenant = rig.tenant(&replica);
    let mut client = AnalyticsClient::new(tenant.channel());
    let refused = client.get_overview(GetOverviewRequest::default()).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
}
