use rstest::rstest;
use tonic::Code;
use weft_domain::{ErrorCode, Result, id};
use weft_proto::{
    conversation::v1::{
        AssignRequest, AssignResponse, assignments_client::AssignmentsClient, conversation::Status,
    },
    events::v1::ConversationUpdated,
};
use weft_rpc::ClientAuth;

use crate::{
    adapter::Tenant,
    agent::fault,
    rig::{Engine, Rig},
};

impl Tenant<'_> {
    /// A service of the fleet has decided who gets a conversation.
    async fn decide(&self, conversation: &str, user: id::UserId, decision: &str) -> Result<AssignResponse> {
        let client = ClientAuth::client(self.rig.channel.clone(), self.rig.authority.clone());
        let request = self.decision(conversation, user, decision);
        let answer = AssignmentsClient::new(client).assign(request).await;
        answer.map(tonic::Response::into_inner).map_err(|status| weft_rpc::error(&status))
    }

    fn decision(&self, conversation: &str, user: id::UserId, decision: &str) -> AssignRequest {
        AssignRequest {
            tenant_id: self.id.to_string(),
            conversation_id: conversation.into(),
            user_id: user.to_string(),
            decision_id: decision.into(),
        }
    }

    /// Somebody the service has heard of.
    async fn colleague(&self, name: &str) -> id::UserId {
        let user = id::new();
        self.tell_user(user, name, false).await;
        let conversation = self.receive(name, name, "is there somebody?").await.conversation_id;
        self.assign(&conversation, &user.to_string()).await.unwrap();
        user
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn a_decision_is_carried_out_once_and_told_like_an_agents(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let user = tenant.colleague("kim").await;
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let first = tenant.decide(&id, user, "d1").await.unwrap();
    let shown = first.conversation.clone().unwrap();
    assert!(first.assigned);
    assert_eq!(
        (shown.assignee.clone(), shown.contact.as_ref().unwrap().name.as_str()),
        (Some(user.to_string()), "name of anna")
    );
    let is_it = |event: &ConversationUpdated| event.conversation.as_ref() == Some(&shown);
    tenant.until("the assignment is told", is_it).await;
    assert_eq!(tenant.decide(&id, user, "d1").await.unwrap(), first);
    let other = tenant.decide(&id, user, "d2").await.unwrap();
    assert_eq!((other.assigned, other.conversation), (false, Some(shown.clone())), "they have it already");

    // A person took it away; a call that is repeated late does not overrule them.
    tenant.assign(&id, "").await.unwrap();
    assert_eq!(tenant.decide(&id, user, "d1").await.unwrap(), first);
    assert_eq!(tenant.conversation(&id).await.assignee, None);
    let reused = tenant.decide(&id, tenant.user, "d1").await.unwrap_err();
    assert_eq!(
        reused.reason(),
        "idempotency_key_reused",
        "a decision is about one conversation and one user"
    );
    tenant.receive("anna", "m2", "still there?").await;
    let told =
        rig.events.now(|events| tenant.told::<ConversationUpdated>(events).into_iter().filter(is_it).count());
    assert_eq!(told, 1);
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn what_somebody_has_or_is_resolved_is_not_assigned(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (user, person) = (tenant.colleague("kim").await, tenant.colleague("lou").await);
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let refused = async |decision: &str| {
        let answer = tenant.decide(&id, user, decision).await.unwrap();
        assert!(!answer.assigned, "{decision}");
        answer.conversation.unwrap()
    };
    tenant.assign(&id, &person.to_string()).await.unwrap();
    assert_eq!(refused("taken").await.assignee, Some(person.to_string()));
    tenant.assign(&id, "").await.unwrap();
    for (status, shown) in [("resolved", Status::Resolved), ("closed", Status::Closed)] {
        tenant.set_status(&id, status).await.unwrap();
        let conversation = refused(status).await;
        assert_eq!((conversation.status(), conversation.assignee), (shown, None));
    }
    let other = tenant.receive("berta", "m2", "hello").await.conversation_id;
    for status in ["pending", "snoozed"] {
        tenant.set_status(&other, status).await.unwrap();
        assert!(tenant.decide(&other, user, status).await.unwrap().assigned, "{status} is unresolved");
        tenant.assign(&other, "").await.unwrap();
    }
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn of_decisions_that_meet_one_is_carried_out(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let tenant = rig.tenant();
    let (one, other) = (tenant.colleague("kim").await, tenant.colleague("lou").await);
    let id = tenant.receive("anna", "m1", "hello").await.conversation_id;
    let decide = |n: usize| {
        let (tenant, id) = (&tenant, &id);
        async move {
            tenant.decide(id, if n.is_multiple_of(2) { one } else { other }, &format!("d{n}")).await.unwrap()
        }
    };
    let answers = futures::future::join_all((0..16).map(decide)).await;
    assert_eq!(answers.iter().filter(|answer| answer.assigned).count(), 1);
    let winner = tenant.conversation(&id).await.assignee;
    assert!(answers.iter().all(|answer| answer.conversation.as_ref().unwrap().assignee == winner));
}

#[rstest]
#[tokio::test(flavor = "multi_thread")]
async fn only_services_decide_and_only_about_what_there_is(
    #[values(Engine::Sqlite, Engine::Postgres)] engine: Engine,
) {
    let rig = Rig::new(engine).await;
    let (ours, theirs) = (rig.tenant(), rig.tenant());
    let user = ours.colleague("kim").await;
    let id = ours.receive("anna", "m1", "hello").await.conversation_id;
    let foreign = theirs.receive("anna", "m1", "hello").await.conversation_id;
    let stranger = theirs.colleague("lou").await;
    let disabled = id::new();
    ours.tell_user(disabled, "Max", true).await;
    for (conversation, user) in [(&id, stranger), (&id, disabled), (&id, id::new())] {
        let error = ours.decide(conversation, user, "wrong user").await.unwrap_err();
        assert_eq!((error.code(), fault(&error).1), (ErrorCode::Invalid, Some("user_id")));
    }
    for conversation in [foreign.as_str(), &id::new::<id::Conversation>().to_string(), "nonsense"] {
        let error = ours.decide(conversation, user, "wrong conversation").await.unwrap_err();
        assert_eq!((error.code(), error.message()), (ErrorCode::NotFound, "no such conversation"));
    }
    let request = ours.signed(ours.decision(&id, user, "by a person"));
    let refused = AssignmentsClient::new(rig.channel.clone()).assign(request).await.unwrap_err();
    assert_eq!(refused.code(), Code::Unauthenticated);
    assert_eq!(ours.conversation(&id).await.assignee, None);
    assert!(ours.decide(&id, user, "right").await.unwrap().assigned, "a refused one may come again");
}
