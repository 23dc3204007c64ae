use chrono::Utc;
use rstest::rstest;
use serde_json::json;
use weft_auth::Principal;
use weft_bus::{Event, Stream};
use weft_domain::{Role, TenantId, id};
use weft_proto::{
    automation::v1::{Agent, agent::Status},
    events::v1::AgentAvailabilityUpdated,
    json as proto_json,
};

use crate::{
    rig::{Kind, Rig},
    socket::Socket,
};

async fn tell(rig: &Rig, tenant: &TenantId, user: &str, note: &str) {
    let agent = Agent {
        user_id: user.to_owned(),
        status: Status::Away.into(),
        note: note.to_owned(),
        ..Agent::default()
    };
    let event = Event {
        id: id::new::<id::Event>().to_string(),
        kind: "weft.v1.agent_availability.updated".into(),
        source: "/automation".into(),
        subject: format!("weft.events.{tenant}.agent_availability.updated"),
        key: user.to_owned(),
        tenant: Some(tenant.to_string()),
        time: Utc::now(),
        traceparent: None,
        tracestate: None,
        data: proto_json::encode(&AgentAvailabilityUpdated { agent: Some(agent) }).unwrap(),
    };
    rig.bus.publish(Stream::Events, event).await.unwrap();
}

#[rstest]
#[tokio::test]
async fn availability_is_shown_to_supervisors_and_ones_own_to_everybody(
    #[values(Kind::Embedded, Kind::JetStream)] kind: Kind,
) {
    let rig = Rig::on(kind, "").await;
    let me: Principal = rig.principal(rig.tenant, Role::Agent);
    let (mine, other) = (me.user().to_string(), id::new::<id::User>().to_string());
    let supervisor = rig.token(&rig.principal(rig.tenant, Role::Supervisor));
    let mut agent = Socket::following(&rig, &rig.token(&me)).await;
    let mut named = Socket::connect(&rig, &supervisor).await;
    let conversation = id::new::<id::Conversation>().to_string();
    named.follow(json!([conversation])).await;
    let mut supervisor = Socket::following(&rig, &supervisor).await;
    tell(&rig, &id::new(), &other, "of another tenant").await;
    tell(&rig, &rig.tenant, &other, "theirs").await;
    tell(&rig, &rig.tenant, &mine, "mine").await;
    rig.publish(&rig.tenant, &conversation, 7..8, "hello").await;

    let shown = async |socket: &mut Socket| {
        let frame = socket.next().await;
        assert_eq!(
            (&frame["type"], &frame["event"]),
            (&json!("event"), &json!("agent_availability.updated"))
        );
        assert_eq!(frame["data"]["agent"]["status"], "away");
        frame["data"]["agent"]["note"].clone()
    };
    assert_eq!([shown(&mut supervisor).await, shown(&mut supervisor).await], ["theirs", "mine"]);
    assert_eq!(shown(&mut agent).await, "mine");
    for socket in [&mut supervisor, &mut agent, &mut named] {
        assert_eq!(socket.next_event().await.0, 7, "and nothing else");
    }
}
